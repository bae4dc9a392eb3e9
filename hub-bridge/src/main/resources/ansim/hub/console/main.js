// The live page: wires the city, the map and the lists to the hub and to the operator.

import { City } from './city.js';
import { $, put, tick } from './dom.js';
import { Lists } from './lists.js';
import { Live } from './live.js';
import { CityMap } from './map.js';
import { Sound } from './sound.js';
import { clock, language, otherLanguage, say, t } from './text.js';

const districts = new Map();
const names = {
  codes: () => [...districts.keys()],
  of: (code) => {
    const known = districts.get(code);
    return known ? (language === 'ko' ? known.name : known.nameEn) : code === '-' ? t.outside : code;
  },
  /** Changes whenever a name on the page may be another one. */
  version: () => language + drawings,
  all: (codes) => codes.map(names.of).join(' · '),
};

const city = new City();
const sound = new Sound();
const map = new CityMap($('map'), city, pick);
const lists = new Lists(city, names, pick, show);
const live = new Live(city, changed, linked);
let link = 'connecting';
let drawn = '';
let drawings = 0;
let waiting = false;

/** Changes come many at a time; the page is drawn once for all of them. */
function changed(picture) {
  if (picture.districtsChanged) {
    outlines();
  }
  if (!waiting) {
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      update();
    });
  }
}

function update() {
  lists.update();
  map.update(names.of);
  tick(city.nowMs());
}

async function outlines() {
  const answer = await fetch('api/districts', { cache: 'no-store' });
  if (!answer.ok) {
    setTimeout(outlines, 2_000);
    return;
  }
  const text = await answer.text();
  if (text === drawn) {
    return;
  }
  drawn = text;
  drawings++;
  const geojson = JSON.parse(text);
  const found = geojson.features.map((feature) => feature.properties).sort((a, b) => a.code.localeCompare(b.code));
  districts.clear();
  found.forEach((district) => districts.set(district.code, district));
  $('approximate').hidden = !geojson.approximate;
  map.draw(geojson, names.of);
  map.select(lists.selected);
  update();
}

function pick(code) {
  const chosen = code === lists.selected ? '' : code;
  lists.selected = chosen;
  map.select(chosen);
  history.replaceState(null, '', chosen ? '#' + encodeURIComponent(chosen) : location.pathname);
  update();
}

/** Shows where an emergency or a ride is. */
function show(each) {
  map.show(map.whereIs({ newestMs: 0, ...each }));
}

function linked(state) {
  link = state;
  const output = $('link');
  output.className = 'link ' + (state === 'live' ? 'live' : 'waiting');
  output.dataset.text = state;
  put(output, t[state]);
  document.body.classList.toggle('cut', state === 'reconnecting');
}

function speak() {
  say(document);
  put($('language'), t.language);
  put($('sound'), sound.on ? t.soundOn : t.soundOff);
  $('sound').setAttribute('aria-pressed', String(sound.on));
  linked(link);
  update();
}

$('language').addEventListener('click', () => {
  otherLanguage();
  speak();
});
$('sound').addEventListener('click', () => {
  sound.toggle();
  speak();
});
$('siren').addEventListener('click', () => city.loud()[0] && show(city.loud()[0]));
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && lists.selected) {
    pick(lists.selected);
  }
});
setInterval(() => {
  city.forget();
  update();
  put($('clock'), clock(city.nowMs()));
  sound.alarm(lists.unseen().length > 0);
}, 1_000);

lists.selected = decodeURIComponent(location.hash.slice(1));
speak();
live.start();
