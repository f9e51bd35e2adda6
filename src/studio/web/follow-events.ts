/** Milliseconds after which a refused stream is asked for again. */
const ASK_AGAIN = 3000;

/**
 * Follows a stream of events of the studio. One that breaks off the browser asks for again by itself; after a reply that is no
 * stream it does not, and the stream is opened anew.
 * @param listen Told of each stream that is opened, to listen to it.
 * @returns Ends it.
 */
export function followEvents(url: string, listen: (events: EventSource) => void): () => void {
  let events: EventSource;
  let again: number | undefined;
  const open = () => {
    events = new EventSource(url);
    listen(events);
    events.addEventListener("error", () => {
      if (events.readyState === EventSource.CLOSED) again = window.setTimeout(open, ASK_AGAIN);
    });
  };
  open();
  return () => {
    window.clearTimeout(again);
    events.close();
  };
}
