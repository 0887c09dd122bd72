import { Dialog } from "@base-ui/react/dialog";
import { type ReactNode, useState } from "react";
import { whyNoDispatch } from "../lib/dispatch-right.ts";
import { useSystem } from "../lib/system.tsx";
import { Button } from "./button.tsx";
import { Modal } from "./modal.tsx";

interface RequestDialogProps {
  /** On the button that opens it. */
  readonly name: string;
  /** The full name where the words on the button alone do not say what it is about. */
  readonly label?: string | undefined;
  readonly tone?: "primary" | "plain";
  readonly title: string;
  readonly children: (close: () => void) => ReactNode;
}

/** A button that opens a form for work; with a token that may not start any it says so before anybody types. */
export function RequestDialog({ name, label, tone = "plain", title, children }: RequestDialogProps) {
  const { session } = useSystem();
  const [open, setOpen] = useState(false);
  const blocked = whyNoDispatch(session.check);
  if (blocked !== null) return <Button blocked={blocked}>{name}</Button>;
  return (
    <Modal
      title={title}
      open={open}
      onOpenChange={setOpen}
      trigger={
        <Dialog.Trigger
          render={
            <Button tone={tone} aria-label={label}>
              {name}
            </Button>
          }
        />
      }
    >
      {children(() => setOpen(false))}
    </Modal>
  );
}
