import type { Action } from '../page';
import { element, type Markup } from './markup';

const LABELS: Readonly<Record<Action, string>> = {
  copy: 'Copy as text',
  text: 'Show as text',
  compare: 'Compare with…',
  devices: 'Devices it would claim…',
  connect: 'Connect',
  retry: 'Try again',
};

/** The button of an action; `main` is the one that a page is there for. */
export const actionMarkup = (action: Action, rank?: 'main'): Markup =>
  element('button', { type: 'button', class: rank, 'data-action': action, text: LABELS[action] });
