import type { ReactNode } from "react";
import type { RequestSending } from "../lib/use-request.ts";
import { Button } from "./button.tsx";
import { SendingNotice } from "./sending-notice.tsx";
import { TwoSides } from "./two-sides.tsx";

interface RequestFormProps {
  readonly request: RequestSending;
  /** What of it will happen, beside the fields and above the button. */
  readonly review: ReactNode;
  /** On the button: verb and object. */
  readonly action: string;
  /** Why nobody may ask for it now. */
  readonly forbidden?: string | null;
  readonly children: ReactNode;
}

/** What is chosen on the left; on the right, always in sight, what comes of it and the one button. */
export function RequestForm({ request, review, action, forbidden = null, children }: RequestFormProps) {
  return (
    <form onSubmit={request.submit} noValidate>
      <TwoSides
        side={
          <>
            {review}
            <SendingNotice sending={request.sending} onAgain={request.start} />
            <Button type="submit" tone="primary" blocked={forbidden ?? request.blocked}>
              {action}
            </Button>
          </>
        }
      >
        {children}
      </TwoSides>
    </form>
  );
}
