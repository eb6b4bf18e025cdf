// Runs before anything is painted, so that no page flashes in the wrong theme or language.
(() => {
  const root = document.documentElement;
  const kept = (name) => {
    try {
      return localStorage.getItem(`pollux.${name}`);
    } catch {
      return null;
    }
  };
  const theme = kept('theme');
  const dark = theme ? theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = dark ? 'dark' : 'light';
  const language = kept('language') ?? (navigator.language.startsWith('zh') ? 'zh-CN' : 'en');
  root.lang = language;
})();
