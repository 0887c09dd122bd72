import { XMLBuilder } from "fast-xml-parser";
import type { Refusal } from "./refusal.ts";
import type { XmlObject } from "./shapes.ts";

const builder = new XMLBuilder({ ignoreAttributes: false });

/** An answer of the query protocol. An empty list is an empty element, an absent value none at all; an action without a result has no element for it. */
export function answerXml(namespace: string, action: string, result: XmlObject, requestId: string): string {
  const told = Object.keys(result).length === 0 ? {} : { [`${action}Result`]: result };
  return builder.build({ [`${action}Response`]: { "@_xmlns": namespace, ...told, ResponseMetadata: { RequestId: requestId } } });
}

export function refusalXml(namespace: string, refusal: Refusal, requestId: string): string {
  const error = { Type: refusal.status < 500 ? "Sender" : "Receiver", Code: refusal.code, Message: refusal.message };
  return builder.build({ ErrorResponse: { "@_xmlns": namespace, Error: error, RequestId: requestId } });
}
