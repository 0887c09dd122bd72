import { Component, type ReactNode } from "react";
import { Button } from "./button.tsx";
import { Failure } from "./notice.tsx";

interface Caught {
  readonly error: unknown;
}

/** A screen that fails (most often its code could not be fetched) says so; frame and state stay. */
export class ErrorBoundary extends Component<{ readonly children: ReactNode }, Caught> {
  override readonly state: Caught = { error: null };

  static getDerivedStateFromError(error: unknown): Caught {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return (
      <>
        <Failure what="This screen cannot be shown" error={this.state.error} onRetry={() => this.setState({ error: null })} />
        <p>
          If the page was updated meanwhile, it has to be loaded anew.{" "}
          <Button onClick={() => window.location.reload()}>Reload the page</Button>
        </p>
      </>
    );
  }
}
