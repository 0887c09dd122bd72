import { Dialog } from "@base-ui/react/dialog";
import type { ReactElement, ReactNode } from "react";
import styles from "./modal.module.css";

interface ModalProps {
  readonly title: string;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  /** What opens it and gets the focus back. */
  readonly trigger: ReactElement;
  readonly children: ReactNode;
}

export function Modal({ title, open, onOpenChange, trigger, children }: ModalProps) {
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      {trigger}
      <Dialog.Portal>
        <Dialog.Backdrop className={styles.shade ?? ""} />
        <Dialog.Popup className={styles.modal ?? ""}>
          <Dialog.Title>{title}</Dialog.Title>
          {children}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
