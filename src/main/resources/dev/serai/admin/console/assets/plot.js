// Plots of what the node keeps: one point a minute or hour.
import { html, useEffect, useRef } from './lib/preact.js';
import uPlot from './lib/uplot.js';
import { count } from './format.js';
import { t } from './text.js';

const SYNC = 'serai';

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
}

/**
 * @param points `[{ at, … }]` ascending; minutes without a point were 0, or not running
 * @param series `[{ field, label, colour }]`, each colour the name of a CSS variable
 * @param marks times, drawn as lines
 */
export function Plot({ label, points, series, marks = [], stepSeconds = 60, height = 130 }) {
  const box = useRef(null);
  useEffect(() => {
    const data = spread(points, series, stepSeconds);
    const axis = { stroke: colour('quiet'), grid: { stroke: colour('line'), width: 1 }, ticks: { show: false }, font: '11px system-ui, sans-serif' };
    const plot = new uPlot(
      {
        width: box.current.clientWidth || 300,
        height,
        cursor: { sync: { key: SYNC }, y: false, points: { size: 5 } },
        legend: { show: series.length > 1 },
        scales: { y: { range: (u, min, max) => [0, Math.max(1, max * 1.1)] } },
        axes: [{ ...axis, size: 26, values: (u, times) => times.map(hours) }, { ...axis, size: 44, values: (u, values) => values.map((v) => (Number.isInteger(v) ? short(v) : '')) }],
        series: [
          { label: t('c.at'), value: (u, v) => (v === null || v === undefined ? '' : hours(v)) },
          ...series.map((s) => ({
            label: s.label,
            stroke: colour(s.colour),
            fill: series.length === 1 ? colour(s.colour) + '22' : undefined,
            width: 1.5,
            points: { show: data[0].length < 3 },
            value: (u, v) => (v === null || v === undefined ? '–' : count(Math.round(v * 10) / 10)),
          })),
        ],
        hooks: { draw: [(u) => drawMarks(u, marks)] },
      },
      data,
      box.current,
    );
    // It tells of the first size, too, which would draw everything a second time.
    const watch = new ResizeObserver(() => box.current && box.current.clientWidth !== plot.width && plot.setSize({ width: box.current.clientWidth, height }));
    watch.observe(box.current);
    return () => {
      watch.disconnect();
      plot.destroy();
    };
  }, [points, marks, series.map((s) => s.label).join(), document.documentElement.dataset.theme]);
  return html`<figure class="plot" role="img" aria-label=${label}><div ref=${box}></div></figure>`;
}

function hours(seconds) {
  return new Date(seconds * 1000).toTimeString().slice(0, 5);
}

function short(value) {
  return value >= 1e6 ? value / 1e6 + 'M' : value >= 1e3 ? value / 1e3 + 'k' : String(value);
}

/** A row for each step between the first and the last point: those without a point are 0. */
function spread(points, series, stepSeconds) {
  const byTime = new Map(points.map((p) => [Math.round(Date.parse(p.at) / 1000 / stepSeconds) * stepSeconds, p]));
  const times = [...byTime.keys()];
  const data = [[], ...series.map(() => [])];
  if (times.length === 0) return data;
  for (let at = times[0]; at <= times[times.length - 1]; at += stepSeconds) {
    const point = byTime.get(at);
    data[0].push(at);
    series.forEach((s, i) => data[i + 1].push(point ? point[s.field] : 0));
  }
  return data;
}

function drawMarks(u, marks) {
  u.ctx.save();
  u.ctx.strokeStyle = colour('mark');
  u.ctx.setLineDash([3, 3]);
  for (const mark of marks) {
    const x = Math.round(u.valToPos(Date.parse(mark.at) / 1000, 'x', true));
    if (x < u.bbox.left || x > u.bbox.left + u.bbox.width) continue;
    u.ctx.beginPath();
    u.ctx.moveTo(x, u.bbox.top);
    u.ctx.lineTo(x, u.bbox.top + u.bbox.height);
    u.ctx.stroke();
  }
  u.ctx.restore();
}
