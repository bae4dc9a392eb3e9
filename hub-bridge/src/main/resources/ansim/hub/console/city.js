// What the page knows of the city: rows by key, taken over whole as the hub sends them.

/** A position during a ride comes every 10 s, a sign of life every 60 s. */
export const STALE_FIX_MS = 45_000;
export const STALE_UNIT_MS = 150_000;

/** How long a ride that has ended stays in its place in the list. */
export const ENDED_MS = 30_000;

/** As long as commissioning lasts: then what was tried is of no use to anybody on this page. */
const TEST_MS = 1_800_000;

const EVENTS_KEPT = 300;
const TRAIL_KEPT = 40;

export class City {
  units = new Map();
  rides = new Map();
  emergencies = new Map();
  events = new Map();
  counts = new Map();
  trails = new Map();
  today = '';
  offsetMs = 0;

  /** The hub's clock, so that a wrong clock on this desk makes no wrong ages. */
  nowMs() {
    return Date.now() + this.offsetMs;
  }

  heard(now) {
    this.offsetMs = now.nowMs - Date.now();
    this.today = now.today;
  }

  /** Everything anew. */
  replace(state) {
    for (const rows of [this.units, this.rides, this.emergencies, this.events, this.counts]) {
      rows.clear();
    }
    this.merge(state);
    this.heard(state);
  }

  merge(picture) {
    for (const unit of picture.units ?? []) {
      this.units.set(unit.id, unit);
      this.trail(unit);
    }
    for (const ride of picture.rides ?? []) {
      this.rides.set(ride.unit + ride.id, ride);
    }
    for (const emergency of picture.emergencies ?? []) {
      this.emergencies.set(emergency.unit + emergency.alarm, emergency);
    }
    for (const event of picture.events ?? []) {
      this.events.set(event.index, event);
    }
    for (const count of picture.counts ?? []) {
      this.counts.set(count.day + ' ' + count.district, count);
    }
    this.forget();
  }

  /** A page stays open for weeks: what the lists no longer show goes. */
  forget() {
    const surplus = this.events.size - EVENTS_KEPT;
    if (surplus > 0) {
      [...this.events.keys()].sort((a, b) => a - b).slice(0, surplus).forEach((index) => this.events.delete(index));
    }
    const now = this.nowMs();
    for (const [key, ride] of this.rides) {
      if (ride.alightedMs !== undefined && now - ride.alightedMs > 3_600_000) {
        this.rides.delete(key);
      }
    }
    for (const [key, emergency] of this.emergencies) {
      if (now - emergency.newestMs > 86_400_000) {
        this.emergencies.delete(key);
      }
    }
    for (const [key, count] of this.counts) {
      if (this.today && count.day < this.today) {
        this.counts.delete(key);
      }
    }
  }

  trail(unit) {
    if (unit.place !== 'precise') {
      this.trails.delete(unit.id);
      return;
    }
    const trail = this.trails.get(unit.id) ?? [];
    const last = trail.at(-1);
    if (!last || last[0] !== unit.lat || last[1] !== unit.lon) {
      trail.push([unit.lat, unit.lon]);
      this.trails.set(unit.id, trail.slice(-TRAIL_KEPT));
    }
  }

  /** The ride that a unit is on. */
  rideOf(unit) {
    let newest;
    for (const ride of this.rides.values()) {
      if (ride.unit === unit && !ride.test && ride.alightedMs === undefined && (!newest || (ride.boardedMs ?? 0) > (newest.boardedMs ?? 0))) {
        newest = ride;
      }
    }
    return newest;
  }

  /** Without a fitter's tests. */
  openRides() {
    return [...this.rides.values()].filter((ride) => ride.alightedMs === undefined && !ride.test);
  }

  /** Open rides and those that have just ended, tests below them, the newest boarding first. */
  shownRides() {
    const now = this.nowMs();
    return [...this.rides.values()]
      .filter((ride) => ride.alightedMs === undefined || now - ride.alightedMs < ENDED_MS)
      .filter((ride) => !ride.test || now - (ride.boardedMs ?? 0) < TEST_MS)
      .sort((a, b) => (a.test ?? false) - (b.test ?? false) || (b.boardedMs ?? 0) - (a.boardedMs ?? 0) || a.id.localeCompare(b.id));
  }

  /** Open ones first, real ones before tests, the newest first. */
  shownEmergencies() {
    const now = this.nowMs();
    const rank = (each) => (isLoud(each) ? 0 : each.cancelledMs === undefined ? 1 : 2);
    return [...this.emergencies.values()]
      .filter((each) => each.cancelledMs === undefined || now - each.cancelledMs < 10 * 60_000)
      .filter((each) => !each.flags.includes('test') || now - each.newestMs < TEST_MS)
      .sort((a, b) => rank(a) - rank(b) || b.newestMs - a.newestMs);
  }

  loud() {
    return this.shownEmergencies().filter(isLoud);
  }

  happened() {
    return [...this.events.values()].sort((a, b) => b.index - a.index);
  }

  boardedToday(code) {
    let sum = 0;
    for (const count of this.counts.values()) {
      if (count.day === this.today && (!code || count.district === code)) {
        sum += count.boarded;
      }
    }
    return sum;
  }

  unitsHeard() {
    const now = this.nowMs();
    const registered = [...this.units.values()].filter((unit) => !unit.revoked);
    return [registered.filter((unit) => now - (unit.seenMs ?? 0) <= STALE_UNIT_MS).length, registered.length];
  }
}

/** An open call for help that is no test. */
export function isLoud(emergency) {
  return emergency.cancelledMs === undefined && !emergency.flags.includes('test');
}

/** The district that a ride was in last. */
export function rideDistrict(ride) {
  return ride.districts.at(-1) ?? '-';
}
