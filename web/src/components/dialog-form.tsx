import { Dialog } from "@base-ui/react/dialog";
import type { ReactNode } from "react";
import type { RequestSending } from "../lib/use-request.ts";
import { Button } from "./button.tsx";
import styles from "./dialog-form.module.css";
import { SendingNotice } from "./sending-notice.tsx";

interface DialogFormProps {
  readonly request: RequestSending;
  /** On the button that sends it: verb and object. */
  readonly action: string;
  /** On the button that leaves everything as it is. */
  readonly cancel?: string;
  readonly children: ReactNode;
}

/** A request's form inside a dialog, with the way out beside the way on. */
export function DialogForm({ request, action, cancel = "Cancel", children }: DialogFormProps) {
  return (
    <form className={styles.form} onSubmit={request.submit} noValidate>
      {children}
      <SendingNotice sending={request.sending} onAgain={request.start} />
      <div className={styles.actions}>
        <Dialog.Close render={<Button>{cancel}</Button>} />
        <Button type="submit" tone="primary" blocked={request.blocked}>
          {action}
        </Button>
      </div>
    </form>
  );
}
