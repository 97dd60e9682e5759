import { useId, type InputHTMLAttributes, type ReactNode } from 'react';
import { useSay } from '../i18n';

interface FieldProps {
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
  children(ids: { id: string; 'aria-describedby'?: string; 'aria-invalid'?: true }): ReactNode;
}

export function Field({ label, hint, error, children }: FieldProps) {
  const id = useId();
  const told = error ?? hint;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        ...(told ? { 'aria-describedby': `${id}-told` } : {}),
        ...(error ? { 'aria-invalid': true as const } : {}),
      })}
      {told && (
        <p id={`${id}-told`} className={error ? 'field-error' : 'field-hint'}>
          {told}
        </p>
      )}
    </div>
  );
}

interface FilledProps extends Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange'> {
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
  value: string;
  onChange(value: string): void;
}

/** `kind` tells password managers whether to fill it in or to suggest one. */
interface PasswordProps extends FilledProps {
  kind?: 'current' | 'new';
  shown?: boolean;
}

export function PasswordField({ label, hint, error, kind = 'current', shown, onChange, ...input }: PasswordProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => (
        <input
          {...ids}
          {...input}
          className="input"
          type={shown ? 'text' : 'password'}
          autoComplete={kind === 'new' ? 'new-password' : 'current-password'}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}

/** One line with the button that submits its form. */
export function SavedField({ label, hint, error, onChange, ...input }: FilledProps) {
  const say = useSay();
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => (
        <span className="input-line">
          <input {...ids} {...input} className="input" onChange={(event) => onChange(event.target.value)} />
          <button type="submit" className="button">
            {say('save')}
          </button>
        </span>
      )}
    </Field>
  );
}
