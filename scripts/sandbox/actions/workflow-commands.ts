/** The `::command::` lines by which a step talks to the runner. */
export type Level = "notice" | "warning" | "error";

export type CommandEffect =
  | { readonly kind: "line"; readonly text: string }
  | { readonly kind: "annotation"; readonly level: Level; readonly message: string }
  | { readonly kind: "mask"; readonly value: string }
  /** A command that GitHub has switched off or the sandbox does not know: the step fails, as an ignored one would hide a bug. */
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "nothing" };

const COMMAND = /^\s*::([A-Za-z-]+)(?:\s+(.*?))?::(.*)$/;

function decodeProperty(value: string): string {
  return value.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%3A", ":").replaceAll("%2C", ",").replaceAll("%25", "%");
}

function decodeMessage(value: string): string {
  return value.replaceAll("%0D", "\r").replaceAll("%0A", "\n").replaceAll("%25", "%");
}

/** One reader per step: `::stop-commands::` lasts until its token is seen, at the longest to the step's end. */
export function createCommandReader(): (line: string) => CommandEffect {
  let stopToken: string | null = null;
  return (line) => {
    const [, rawName = "", properties = "", rawMessage = ""] = COMMAND.exec(line) ?? [];
    const name = rawName.toLowerCase();
    if (name === "") return { kind: "line", text: line };
    if (stopToken !== null) {
      if (rawName !== stopToken && line.trim() !== `::${stopToken}::`) return { kind: "line", text: line };
      stopToken = null;
      return { kind: "nothing" };
    }
    const message = decodeMessage(rawMessage);
    switch (name) {
      case "error":
      case "warning":
      case "notice": {
        const title = /(?:^|,)title=([^,]*)/.exec(properties)?.[1];
        return { kind: "annotation", level: name, message: title === undefined ? message : `${decodeProperty(title)}: ${message}` };
      }
      case "add-mask":
        return { kind: "mask", value: message };
      case "group":
        return { kind: "line", text: `##[group]${message}` };
      case "endgroup":
        return { kind: "line", text: "##[endgroup]" };
      case "stop-commands":
        stopToken = message;
        return { kind: "nothing" };
      case "debug":
      case "echo":
        return { kind: "nothing" };
      default:
        return {
          kind: "refused",
          message: `The command '::${name}::' is not supported; write to the file that its GITHUB_ variable names`,
        };
    }
  };
}
