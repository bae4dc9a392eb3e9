// The link to the hub: the whole state once, then every change (server-sent events). The browser comes back by itself and says where it
// was; when the hub cannot go on from there, or is silent for too long, everything is asked for anew.

const SILENT_MS = 15_000;
const AGAIN_MS = 1_000;

export class Live {
  constructor(city, changed, linked) {
    this.city = city;
    this.changed = changed;
    this.linked = linked;
    this.heardAt = 0;
    this.source = null;
    this.attempt = 0;
    setInterval(() => this.watch(), 1_000);
  }

  async start() {
    const attempt = ++this.attempt;
    this.source?.close();
    this.source = null;
    try {
      const answer = await fetch('api/state', { cache: 'no-store' });
      if (!answer.ok) {
        throw new Error(`state: ${answer.status}`);
      }
      const state = await answer.json();
      if (attempt !== this.attempt) {
        return;
      }
      this.city.replace(state);
      this.changed({ districtsChanged: true });
      this.listen(state.id, attempt);
    } catch {
      this.linked('reconnecting');
      setTimeout(() => attempt === this.attempt && this.start(), AGAIN_MS);
    }
  }

  listen(after, attempt) {
    const source = new EventSource('api/events?after=' + encodeURIComponent(after));
    this.source = source;
    this.heardAt = Date.now();
    source.onopen = () => this.hear('live');
    source.onerror = () => {
      this.linked('reconnecting');
      if (source.readyState === EventSource.CLOSED) {
        setTimeout(() => attempt === this.attempt && this.start(), AGAIN_MS);
      }
    };
    source.addEventListener('reset', () => this.start());
    source.addEventListener('beat', (event) => {
      const now = JSON.parse(event.data);
      this.city.heard(now);
      this.hear(now.trouble ? 'behind' : 'live');
    });
    source.addEventListener('change', (event) => {
      const picture = JSON.parse(event.data);
      this.city.merge(picture);
      this.hear('live');
      this.changed(picture);
    });
  }

  hear(state) {
    this.heardAt = Date.now();
    this.linked(state);
  }

  watch() {
    if (this.source && Date.now() - this.heardAt > SILENT_MS) {
      this.linked('reconnecting');
      this.start();
    }
  }
}
