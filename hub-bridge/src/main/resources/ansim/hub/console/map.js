// The map: outlines, units and emergencies. No tiles and nothing from outside. Positions are WGS 84, drawn in the Mercator projection so
// that shapes keep their form.

import * as L from './leaflet.js';
import { isLoud, STALE_FIX_MS, STALE_UNIT_MS } from './city.js';
import { el } from './dom.js';

/** With more moving vehicles than this, their numbers show only when pointed at. */
const LABELS = 40;

const SEOUL = [[37.43, 126.77], [37.7, 127.18]];

export class CityMap {
  outlines = new Map();
  marks = new Map();
  trails = new Map();
  sirens = new Map();

  constructor(element, city, pick) {
    this.city = city;
    this.pick = pick;
    this.selected = '';
    this.map = L.map(element, { zoomControl: true, attributionControl: false, preferCanvas: false, zoomSnap: 0.25, minZoom: 9, maxZoom: 18 });
    this.map.createPane('names').style.zIndex = 410;
    this.map.createPane('trails').style.zIndex = 420;
    this.map.createPane('units').style.zIndex = 450;
    this.map.fitBounds(SEOUL);
    L.control.scale({ imperial: false, position: 'bottomright' }).addTo(this.map);
    this.shapes = L.layerGroup().addTo(this.map);
    new ResizeObserver(() => this.map.invalidateSize()).observe(element);
  }

  draw(geojson, nameOf) {
    this.shapes.clearLayers();
    this.outlines.clear();
    const layer = L.geoJSON(geojson, {
      style: () => ({ className: 'district', weight: 1.5 }),
      onEachFeature: (feature, shape) => {
        const code = feature.properties.code;
        const label = el('span', '', nameOf(code));
        shape.bindTooltip(label, { permanent: true, direction: 'center', className: 'district-label', pane: 'names', interactive: false });
        shape.on('click', () => this.pick(code));
        this.outlines.set(code, { shape, label });
      },
    });
    this.shapes.addLayer(layer);
    if (layer.getBounds().isValid()) {
      this.whole = layer.getBounds();
      this.map.fitBounds(this.whole, { padding: [8, 8] });
    }
  }

  /** Brings everything to what the city is. */
  update(nameOf) {
    const now = this.city.nowMs();
    const loud = this.city.loud();
    const calling = new Map();
    loud.forEach((each) => each.districts.forEach((code) => calling.set(code, (calling.get(code) ?? 0) + 1)));
    for (const [code, { shape, label }] of this.outlines) {
      const path = shape.getElement();
      path?.classList.toggle('selected', code === this.selected);
      if (path && calling.has(code) && !path.classList.contains('calling')) {
        shape.bringToFront();
      }
      path?.classList.toggle('calling', calling.has(code));
      const text = nameOf(code) + (calling.has(code) ? ' ▲' + calling.get(code) : '');
      if (label.textContent !== text) {
        label.textContent = text;
      }
      label.parentElement?.classList.toggle('calling', calling.has(code));
    }
    const hired = new Set(this.city.openRides().map((ride) => ride.unit));
    this.drawUnits(now, hired);
    this.drawTrails(hired);
    this.drawSirens(now);
  }

  drawUnits(now, hired) {
    const labels = hired.size <= LABELS;
    const seen = new Set();
    for (const unit of this.city.units.values()) {
      if (unit.lat === undefined || unit.revoked) {
        continue;
      }
      seen.add(unit.id);
      const precise = unit.place === 'precise';
      const since = precise && hired.has(unit.id) ? now - unit.placeMs : now - (unit.seenMs ?? 0);
      const stale = since > (precise && hired.has(unit.id) ? STALE_FIX_MS : STALE_UNIT_MS);
      const shape = unit.kind === 'taxi' ? (hired.has(unit.id) ? 'hired' : precise ? 'vacant' : 'cell') : 'pole';
      const look = `unit ${shape}${stale ? ' stale' : ''}`;
      const label = labels && shape === 'hired';
      let mark = this.marks.get(unit.id);
      if (mark && mark.label !== label) {
        mark.marker.remove();
        mark = undefined;
      }
      if (!mark) {
        mark = { label, look: '', marker: this.mark(unit, label) };
        this.marks.set(unit.id, mark);
      }
      mark.marker.setLatLng([unit.lat, unit.lon]);
      if (mark.look !== look) {
        mark.look = look;
        mark.marker.getElement().className = `leaflet-marker-icon leaflet-zoom-animated leaflet-interactive ${look}`;
      }
    }
    for (const [id, mark] of this.marks) {
      if (!seen.has(id)) {
        mark.marker.remove();
        this.marks.delete(id);
      }
    }
  }

  mark(unit, label) {
    const icon = L.divIcon({ className: 'unit', iconSize: [16, 16] });
    const marker = L.marker([unit.lat, unit.lon], { icon, pane: 'units', keyboard: false }).addTo(this.map);
    const text = el('span', '', unit.vehicle);
    marker.bindTooltip(text, { permanent: label, direction: 'right', offset: [8, 0], className: 'vehicle', opacity: 1 });
    return marker;
  }

  drawTrails(hired) {
    for (const [id, points] of this.city.trails) {
      let line = this.trails.get(id);
      if (!hired.has(id)) {
        continue;
      }
      if (!line) {
        line = L.polyline(points, { className: 'trail', weight: 3, interactive: false, pane: 'trails' }).addTo(this.map);
        this.trails.set(id, line);
      }
      line.setLatLngs(points);
    }
    for (const [id, line] of this.trails) {
      if (!hired.has(id) || !this.city.trails.has(id)) {
        line.remove();
        this.trails.delete(id);
      }
    }
  }

  drawSirens() {
    const seen = new Set();
    for (const each of this.city.shownEmergencies().filter(isLoud)) {
      const at = this.whereIs(each);
      if (!at) {
        continue;
      }
      const key = each.unit + each.alarm;
      seen.add(key);
      let siren = this.sirens.get(key);
      if (!siren) {
        const icon = L.divIcon({ className: 'siren', iconSize: [46, 30], iconAnchor: [23, 50], html: el('b', '', 'SOS') });
        siren = L.marker(at, { icon, zIndexOffset: 1000, keyboard: false }).addTo(this.map);
        this.sirens.set(key, siren);
      }
      siren.setLatLng(at);
    }
    for (const [key, siren] of this.sirens) {
      if (!seen.has(key)) {
        siren.remove();
        this.sirens.delete(key);
      }
    }
  }

  /** A taxi that called for help drives on: where it is now, if that is newer. */
  whereIs(emergency) {
    const unit = this.city.units.get(emergency.unit);
    if (unit?.place === 'precise' && unit.placeMs >= emergency.newestMs) {
      return [unit.lat, unit.lon];
    }
    if (emergency.lat !== undefined) {
      return [emergency.lat, emergency.lon];
    }
    return unit?.lat === undefined ? null : [unit.lat, unit.lon];
  }

  select(code) {
    this.selected = code;
    const bounds = code && this.outlines.get(code)?.shape.getBounds();
    if (bounds || this.whole) {
      this.map.fitBounds(bounds || this.whole, { padding: bounds ? [40, 40] : [8, 8], animate: false });
    }
  }

  show(at) {
    if (at) {
      this.map.setView(at, Math.max(this.map.getZoom(), 14.5), { animate: false });
    }
  }
}
