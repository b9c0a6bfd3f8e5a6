// Parses server-sent events. Runs inside k6.

/** A server-sent event. */
export interface ServerEvent {
  /** Default `message`. */
  readonly event: string;
  readonly data: string;
  /** Id of this or an earlier event; '' if there was none. */
  readonly id: string;
}

/**
 * The events of a `text/event-stream`, by the rules of https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream.
 * k6 returns a body when it is complete, so this is for streams that the server ends. Endless streams need the extension k6/x/sse.
 */
export function serverEvents(body: string): ServerEvent[] {
  const events: ServerEvent[] = [];
  let event = '';
  let id = '';
  let data: string[] = [];
  for (const line of body.replace(/^\ufeff/, '').split(/\r\n|\n|\r/)) {
    if (line === '') {
      // An event without data is dropped.
      if (data.length > 0) events.push({ event: event === '' ? 'message' : event, data: data.join('\n'), id });
      event = '';
      data = [];
      continue;
    }
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') event = value;
    else if (field === 'data') data.push(value);
    else if (field === 'id' && !value.includes('\0')) id = value;
  }
  return events;
}
