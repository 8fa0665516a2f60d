"use strict";

// Helpers of all pages: elements, and numbers as text. Data enters a page as text nodes only, never as HTML.

const page = document.documentElement;

function fail(text) {
  page.dataset.errors = page.dataset.errors ? `${page.dataset.errors}; ${text}` : text;
}

window.addEventListener("error", event => fail(event.message));
window.addEventListener("unhandledrejection", event => fail(String(event.reason)));

const find = id => document.getElementById(id);

function build(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") node.addEventListener(name, value);
    else node.setAttribute(name, value === true ? "" : value);
  }

  node.append(...children.filter(child => child !== null && child !== undefined));
  return node;
}

const element = (tag, attributes, ...children) => build(document.createElement(tag), attributes, children);
const drawing = find("drawing").namespaceURI;
const shape = (tag, attributes, ...children) => build(document.createElementNS(drawing, tag), attributes, children);

/** A value as a number; for a range of lengths the longest, for a word NaN. */
function numeric(text) {
  const range = /^(\d+)\.\.(\d+)$/.exec(text);
  return range ? Number(range[2]) : text.trim() === "" ? NaN : Number(text);
}

const isNumeric = values => values.length > 0 && values.every(value => Number.isFinite(numeric(value)));

// Numbers look as in the command's own tables.
const missing = value => value === null || value === undefined || Number.isNaN(value);

function number(value) {
  if (missing(value)) return "";
  const size = Math.abs(value);
  return size >= 1000 && size < 1e6 ? value.toFixed(0)
    : String(Number(value.toPrecision(4))).replace("Infinity", "infinite");
}

const count = value => missing(value) ? "" : Math.round(value).toLocaleString("en-US");
const updates = value => missing(value) ? "" : value >= 1000 ? count(value) : number(value);
const percent = value => missing(value) ? "" : `${(100 * value).toFixed(value > 0 && value < 0.1 ? 2 : 1)}%`;

function time(seconds) {
  if (missing(seconds)) return "";
  if (seconds < 60) return `${seconds < 1 ? Number(seconds.toPrecision(2)) : seconds.toFixed(1)} s`;
  const whole = Math.floor(seconds), two = value => String(value).padStart(2, "0");
  return whole < 3600 ? `${Math.floor(whole / 60)} min ${two(whole % 60)} s`
    : `${Math.floor(whole / 3600)} h ${two(Math.floor(whole / 60) % 60)} min`;
}

const interval = ([low, high]) => `${(100 * low).toFixed(0)}% to ${(100 * high).toFixed(0)}%`;

/** Draws now and whenever the width changes, so that text keeps its size. */
function drawToWidth(host, draw) {
  let width = 0;
  const look = () => {
    if (host.clientWidth === width || host.clientWidth === 0) return;
    width = host.clientWidth;
    draw(width);
  };
  look();
  new ResizeObserver(() => requestAnimationFrame(look)).observe(host);
}
