import type { Nexus } from "../network/nexus.js";
import type { Request } from "../network/requests.js";

/** Who wants to talk: over everything else, until answered. */
export function Requests({ nexus, onAccepted }: { nexus: Nexus; onAccepted(id: string): void }) {
  const answer = (request: Request, yes: boolean): void => {
    nexus.answer(request, yes);
    if (yes) onAccepted(request.id);
  };
  return (
    <div class="requests" role="region" aria-label="Requests" aria-live="assertive">
      {nexus.requests.waiting.value.map((request) => (
        <article key={`${request.id} ${request.at}`} class="request">
          <p>
            <strong>{request.name}</strong> <small>{request.id.slice(0, 8)}</small> wants to talk with
            you.
          </p>
          <p class="actions">
            <button onClick={() => answer(request, true)}>Accept</button>
            <button class="outline" onClick={() => answer(request, false)}>
              Refuse
            </button>
          </p>
        </article>
      ))}
    </div>
  );
}
