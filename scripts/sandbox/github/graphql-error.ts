import { GraphQLError } from "graphql";

/** An error with GitHub's `type` beside the message, which is what clients tell apart. */
export function typedError(type: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { type } });
}
