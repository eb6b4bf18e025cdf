// Colours of series, told apart also by those who see few colours.

const COLOURS = ['#6366f1', '#14a098', '#e09a18', '#d1497d', '#3b8fe0', '#7a9a1e', '#a05fd6', '#c4622d', '#6b7180'];

/** The colour of the series at an index. */
export const colour = (index: number): string => COLOURS[index % COLOURS.length] ?? '#6b7180';
