// Elements are made with textContent and never from markup: nothing that a unit or a registry says can become HTML.

import { age, t } from './text.js';

export const $ = (id) => document.getElementById(id);

/** An element with a class and children; a child that is no node becomes text. */
export function el(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) {
    made.className = className;
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** Sets text without touching the page when it is the same: no flicker, no lost selection. */
export function put(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

/** An age that ticks; grey and marked once it is older than `staleMs`. */
export function aged(ms, staleMs) {
  const made = el('span', 'age');
  if (ms === undefined) {
    made.textContent = t.never;
    made.classList.add('stale');
  } else {
    made.dataset.at = String(ms);
    made.dataset.stale = String(staleMs ?? Infinity);
  }
  return made;
}

/** Brings every age on the page to the hub's time. */
export function tick(nowMs) {
  for (const element of document.querySelectorAll('[data-at]')) {
    const old = nowMs - Number(element.dataset.at);
    put(element, age(old));
    element.classList.toggle('stale', old > Number(element.dataset.stale));
  }
}

/**
 * Brings a list to the given items, each a key and a stamp; an element whose stamp has not changed stays as it is, so that focus, scroll
 * and selection stay too.
 */
export function fill(list, items, make) {
  const old = new Map();
  for (const child of list.children) {
    old.set(child.dataset.key, child);
  }
  let at = list.firstElementChild;
  for (const item of items) {
    let child = old.get(item.key);
    old.delete(item.key);
    if (!child || child.dataset.stamp !== item.stamp) {
      const made = make(item);
      made.dataset.key = item.key;
      made.dataset.stamp = item.stamp;
      if (child) {
        keepFocus(child, made);
        if (at === child) {
          at = made;
        }
      } else {
        made.classList.add('new');
      }
      child = made;
    }
    if (child === at) {
      at = at.nextElementSibling;
    } else {
      list.insertBefore(child, at);
    }
  }
  for (const gone of old.values()) {
    gone.remove();
  }
}

function keepFocus(before, after) {
  const focused = before.contains(document.activeElement) ? document.activeElement.dataset.act ?? '' : null;
  before.replaceWith(after);
  if (focused !== null) {
    (after.querySelector(`[data-act="${focused}"]`) ?? after.querySelector('button') ?? after).focus();
  }
}
