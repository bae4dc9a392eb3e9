// The lists beside the map: districts, emergencies, open rides, events. Emergencies are never filtered away.

import { isLoud, rideDistrict, STALE_FIX_MS } from './city.js';
import { $, aged, el, fill, put } from './dom.js';
import { clock, t } from './text.js';

const EVENTS_SHOWN = 120;

export class Lists {
  seen = new Set(JSON.parse(sessionStorage.getItem('ansim.seen') ?? '[]'));

  constructor(city, names, pick, show) {
    this.city = city;
    this.names = names;
    this.pick = pick;
    this.show = show;
    this.selected = '';
  }

  update() {
    this.districts();
    this.emergencies();
    this.rides();
    this.events();
    this.totals();
  }

  /** Open, real, and not yet seen on this screen. */
  unseen() {
    return this.city.loud().filter((each) => !this.seen.has(each.unit + each.alarm));
  }

  see(emergency) {
    this.seen.add(emergency.unit + emergency.alarm);
    sessionStorage.setItem('ansim.seen', JSON.stringify([...this.seen].slice(-500)));
    this.update();
  }

  districts() {
    const rides = new Map();
    this.city.openRides().forEach((ride) => rides.set(rideDistrict(ride), (rides.get(rideDistrict(ride)) ?? 0) + 1));
    const calling = new Map();
    this.city.loud().forEach((each) => each.districts.forEach((code) => calling.set(code, (calling.get(code) ?? 0) + 1)));
    const all = this.city.openRides().length;
    const rows = [{ code: '', name: t.allDistricts, rides: all, today: this.city.boardedToday(''), calling: this.city.loud().length }];
    for (const code of [...this.names.codes(), ...(rides.has('-') || calling.has('-') ? ['-'] : [])]) {
      rows.push({
        code,
        name: this.names.of(code),
        rides: rides.get(code) ?? 0,
        today: this.city.boardedToday(code),
        calling: calling.get(code) ?? 0,
      });
    }
    const items = rows.map((row) => ({
      key: 'd' + row.code,
      row,
      stamp: [row.name, row.rides, row.today, row.calling, row.code === this.selected].join('|'),
    }));
    fill($('district-list'), items, ({ row }) => this.district(row));
  }

  district(row) {
    const button = el(
      'button',
      row.calling && row.code ? 'calling' : '',
      el('span', 'name', row.name),
      el('b', 'sos', row.calling ? '▲' + row.calling : ''),
      el('span', row.rides ? 'count' : 'count zero', String(row.rides)),
      el('span', row.today ? 'today' : 'today zero', String(row.today)),
    );
    button.type = 'button';
    button.dataset.act = 'pick';
    button.setAttribute('aria-pressed', String(row.code === this.selected));
    button.addEventListener('click', () => this.pick(row.code));
    const item = el('li', '', button);
    if (row.code) {
      item.dataset.district = row.code;
    }
    return item;
  }

  emergencies() {
    const shown = this.city.shownEmergencies();
    const items = shown.map((each) => ({
      key: 'e' + each.unit + each.alarm,
      each,
      stamp: [JSON.stringify(each), this.seen.has(each.unit + each.alarm), this.names.version()].join('|'),
    }));
    fill($('emergency-list'), items, ({ each }) => this.emergency(each));
    const loud = this.city.loud();
    put($('emergency-count'), String(loud.length));
    $('no-emergency').hidden = shown.length > 0;
    $('emergencies').classList.toggle('calling', loud.length > 0);
    this.siren(loud);
  }

  siren(loud) {
    const siren = $('siren');
    const newest = loud[0];
    siren.classList.toggle('calling', loud.length > 0);
    siren.classList.toggle('unseen-call', this.unseen().length > 0);
    siren.disabled = loud.length === 0;
    if (!newest) {
      put(siren, t.noEmergency);
    } else {
      const more = loud.length > 1 ? '  ' + t.andMore(loud.length - 1) : '';
      put(siren, `▲ ${t.emergency}  ${newest.vehicle}  ${this.names.all(newest.districts.slice(0, 1))}${more}`);
    }
    document.title = (loud.length ? `(${loud.length}) ▲ ${t.emergency} · ` : '') + t.title;
  }

  emergency(each) {
    const open = each.cancelledMs === undefined;
    const seen = this.seen.has(each.unit + each.alarm);
    const test = each.flags.includes('test');
    const card = el('li', `card${open && !test ? ' loud' : ' calm'}${seen ? ' quiet' : ''}`);
    const go = el(
      'button',
      'go',
      el('span', 'line', el('b', 'sign', `▲ ${test ? t.flags.test : t.emergency}`), el('strong', '', each.vehicle), each.presses > 1 ? el('b', 'presses', t.presses(each.presses)) : null, aged(each.newestMs)),
      el(
        'span',
        'line',
        el('span', 'place', this.names.all(each.districts)),
        el('span', '', `${t.kind[each.kind] ?? each.kind} · ${t.origin[each.origin] ?? each.origin}`),
        el('span', '', clock(each.raisedMs)),
        ...flags(each.flags),
      ),
      each.silent && open ? el('span', 'line silent', t.silent) : null,
    );
    go.type = 'button';
    go.dataset.act = 'go';
    go.addEventListener('click', () => this.show(each));
    card.append(go);
    if (!open) {
      card.append(el('span', 'state', t.cancelled));
    } else if (seen) {
      card.append(el('span', 'state', t.seenHere));
    } else if (!test) {
      const button = el('button', 'seen', t.seen);
      button.type = 'button';
      button.title = t.seenWhy;
      button.dataset.act = 'seen';
      button.addEventListener('click', () => this.see(each));
      card.append(button);
    }
    return card;
  }

  rides() {
    const shown = this.city.shownRides().filter((ride) => !this.selected || rideDistrict(ride) === this.selected);
    const items = shown.map((ride) => {
      const unit = this.city.units.get(ride.unit);
      const placeMs = unit?.place === 'precise' ? unit.placeMs : undefined;
      return { key: 'r' + ride.unit + ride.id, ride, placeMs, stamp: [JSON.stringify(ride), placeMs, this.names.version()].join('|') };
    });
    fill($('ride-list'), items, ({ ride, placeMs }) => this.ride(ride, placeMs));
    put($('ride-count'), String(shown.filter((ride) => ride.alightedMs === undefined && !ride.test).length));
    $('no-ride').hidden = shown.length > 0;
    this.heading('rides');
  }

  ride(ride, placeMs) {
    const ended = ride.alightedMs !== undefined;
    const path = ride.districts.slice(-3).map((code) => this.names.of(code)).join(' → ');
    const started = ride.boardedMs === undefined ? t.notSeen : `${t.boarded} ${clock(ride.boardedMs)}`;
    const button = el(
      'button',
      '',
      el(
        'span',
        'line',
        el('strong', '', ride.vehicle),
        ride.test ? el('em', 'flag', t.flags.test) : null,
        el('span', ride.namedMs === undefined ? 'tag weak' : 'tag', ride.namedMs === undefined ? t.notNamed : t.riderNamed),
        ...ride.attention.map((reason) => el('span', 'tag attend', t.attention[reason] ?? reason)),
        el('span', 'path', path),
      ),
      el(
        'span',
        'line small',
        el('span', '', ended ? `${t.alighted} ${clock(ride.alightedMs)}` : started),
        ended ? aged(ride.alightedMs) : ride.boardedMs === undefined ? null : aged(ride.boardedMs),
        ride.owner === '' ? null : el('span', 'owner', `${t.owner} ${this.names.of(ride.owner)}`),
        ended ? null : el('span', 'fix', t.lastPlace + ' '),
        ended ? null : aged(placeMs, STALE_FIX_MS),
      ),
    );
    button.type = 'button';
    button.dataset.act = 'go';
    button.addEventListener('click', () => this.show(ride));
    const row = el('li', ended ? 'ride ended' : 'ride', button);
    row.dataset.district = rideDistrict(ride);
    row.dataset.owner = ride.owner;
    row.dataset.attention = ride.attention.join(' ');
    row.dataset.state = ended ? 'alighted' : 'boarded';
    return row;
  }

  events() {
    const shown = this.city
      .happened()
      .filter((event) => !this.selected || event.districts.includes(this.selected))
      .slice(0, EVENTS_SHOWN);
    const items = shown.map((event) => ({ key: 'v' + event.index, event, stamp: [event.index, event.atMs, this.names.version()].join('|') }));
    fill($('event-list'), items, ({ event }) => this.event(event));
    $('no-event').hidden = shown.length > 0;
    this.heading('events');
  }

  event(event) {
    const kind = event.type.split('.').at(-1);
    const row = el(
      'li',
      'event ' + kind + (event.alarm ? ' alarm' : ''),
      el('time', '', clock(event.atMs)),
      el('span', 'what', what(event)),
      el('span', 'who', event.vehicle),
      el('span', 'place', this.names.all(event.districts)),
      el('span', 'flags', ...flags(event.flags)),
      aged(event.atMs),
    );
    row.dataset.type = event.type;
    row.dataset.districts = event.districts.join(' ');
    return row;
  }

  heading(id) {
    put($(id).querySelector('.where'), this.selected ? ' · ' + this.names.of(this.selected) : '');
  }

  totals() {
    put($('total-rides'), String(this.city.openRides().length));
    put($('total-boarded'), String(this.city.boardedToday('')));
    const [heard, all] = this.city.unitsHeard();
    put($('total-units'), `${heard} / ${all}`);
  }
}

function flags(words) {
  return words.filter((word) => word in t.flags).map((word) => el('em', 'flag', t.flags[word]));
}

function what(event) {
  const details = event.details ?? {};
  switch (event.type) {
    case 'ansim.ride.boarded':
      return '● ' + t.boarded;
    case 'ansim.ride.updated':
      return details.by === 'app' ? '→ ' + t.destination : '◆ ' + t.named;
    case 'ansim.ride.alighted':
      return '○ ' + t.alighted;
    case 'ansim.ride.attention':
      return `◇ ${details.phase === 'ended' ? t.attentionOver : t.attentionRaised}: ${t.attention[details.reason] ?? details.reason}`;
    case 'ansim.panic':
      return '▲ ' + (t.panic[details.phase] ?? t.emergency);
    case 'ansim.tamper': {
      const named = t.tampers[details.what] ?? details.what ?? '';
      return `! ${t.tamper}: ${named}${details.phase === 'cancelled' ? ' ' + t.cleared : ''}`;
    }
    case 'ansim.contact':
      return '▪ ' + t.contact(details.contact ?? '', details.closed === 'true');
    case 'ansim.gap':
      return '… ' + t.gap(details.first, details.last);
    default:
      return '? ' + t.unknown;
  }
}
