export type Severity = 'error' | 'warning' | 'information' | 'hint';

export interface Rule {
  /** Unless the user chooses another, or the check knows the case to be a lesser one. */
  readonly severity: Severity;
  /** What happened, where, and what to do next. */
  readonly message: (...facts: string[]) => string;
}

export const rule = <Message extends Rule['message']>(severity: Severity, message: Message) => ({
  severity,
  message,
});
