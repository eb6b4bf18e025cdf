// Where the console begins.

import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { queries } from './api/queries.ts';
import { Language } from './i18n/index.tsx';
import './theme.css';

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <Language>
          <App />
        </Language>
      </QueryClientProvider>
    </StrictMode>,
  );
}
