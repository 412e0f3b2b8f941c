"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const { start, width, count, shown, others, panels } = data;
  const OTHERS = data.grey;
  // A step has an edge on either side, so there is one edge more than there are values.
  const edges = Array.from({ length: count + 1 }, (_, step) => start + step * width);
  const visible = shown.map((_, index) => index < data.first);
  let bandVisible = true;
  const charts = [];

  const css = (name) => () => getComputedStyle(document.documentElement).getPropertyValue(name);
  const element = (kind, parent, text) => {
    const made = document.createElement(kind);
    if (text !== undefined) made.textContent = text;
    parent.append(made);
    return made;
  };
  const two = (number) => String(number).padStart(2, "0");
  const clock = (seconds) => {
    const at = new Date(seconds * 1000);
    const time = [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()].map(two).join(":");
    return `${at.toISOString().slice(0, 10)} ${time}`;
  };
  const number = (value) => String(Number(value.toPrecision(4)));

  // A step reaches from its edge to the next; a line ends where there is no value.
  const steps = (low, high) => (chart, index, first, last) => {
    const stroke = new Path2D();
    const fill = new Path2D();
    const values = chart.data[index];
    const x = (step) => chart.valToPos(edges[step], "x", true);
    const y = (value) => chart.valToPos(value, "y", true);
    let open = false;
    for (let step = Math.max(0, first - 1); step <= Math.min(last, count - 1); step++) {
      const value = values[step];
      if (value === null) {
        open = false;
        continue;
      }
      const [left, right] = [x(step), x(step + 1)];
      if (open) stroke.lineTo(left, y(value));
      else stroke.moveTo(left, y(value));
      stroke.lineTo(right, y(value));
      open = true;
      if (high) {
        const top = y(high[step]);
        fill.rect(left, top, right - left, (low ? y(low[step]) : y(0)) - top);
      }
    }
    return { stroke, fill, clip: null, band: null, gaps: null, flags: 1 };
  };

  const greatest = (panel, from, to) => {
    let most = 0;
    const see = (values) => {
      for (let step = from; step < to; step++) if (values[step] > most) most = values[step];
    };
    if (panel.band && bandVisible) see(panel.band.high);
    panel.lines.forEach((line, index) => {
      if (!line || !visible[index]) return;
      see(line.high || line.mean);
      if (line.limit > most) most = line.limit;
    });
    return most;
  };

  const paper = css("--paper");
  const drawMarks = (panel) => (chart) => {
    const { ctx, bbox } = chart;
    const ratio = devicePixelRatio;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height + 2 * ratio);
    ctx.clip();
    shown.forEach((one, index) => {
      if (!visible[index]) return;
      const line = panel.lines[index];
      ctx.strokeStyle = ctx.fillStyle = one.colour;
      if (line && line.limit !== undefined) {
        const y = chart.valToPos(line.limit, "y", true);
        ctx.setLineDash([6 * ratio, 4 * ratio]);
        ctx.lineWidth = ratio;
        ctx.beginPath();
        ctx.moveTo(chart.valToPos(one.start, "x", true), y);
        ctx.lineTo(chart.valToPos(one.end, "x", true), y);
        ctx.stroke();
      }
      for (const at of one.restarts) {
        const x = chart.valToPos(at, "x", true);
        const foot = bbox.top + bbox.height;
        ctx.beginPath();
        ctx.moveTo(x - 5 * ratio, foot);
        ctx.lineTo(x + 5 * ratio, foot);
        ctx.lineTo(x, foot - 9 * ratio);
        ctx.closePath();
        ctx.fill();
        ctx.strokeStyle = paper();
        ctx.setLineDash([]);
        ctx.lineWidth = ratio;
        ctx.stroke();
      }
    });
    ctx.restore();
  };

  // The panel under the mouse; the others follow its cursor.
  let hovered = null;

  const showTip = (panel, tip) => (chart) => {
    const { left, top } = chart.cursor;
    const step = Math.floor((chart.posToVal(left, "x") - start) / width);
    if (chart !== hovered || left < 0 || step < 0 || step >= count) {
      tip.style.display = "none";
      return;
    }
    tip.replaceChildren();
    element("div", tip, `${clock(edges[step])} UTC`);
    const table = element("table", tip);
    const rows = [];
    panel.lines.forEach((line, index) => {
      const value = line && visible[index] ? line.mean[step] : null;
      if (value !== null) rows.push([value, shown[index]]);
    });
    rows.sort((a, b) => b[0] - a[0]);
    const add = (colour, label, value) => {
      const row = element("tr", table);
      const name = element("td", row);
      element("i", name).style.background = colour;
      name.append(label);
      element("td", row, value);
    };
    for (const [value, one] of rows.slice(0, 15)) add(one.colour, one.name, number(value));
    if (rows.length > 15) add("none", `${rows.length - 15} more`, "");
    if (panel.band && bandVisible && panel.band.high[step] !== null) {
      const { low, high } = panel.band;
      add(OTHERS, "others", `${number(low[step])} to ${number(high[step])}`);
    }
    if (!table.rows.length) element("div", tip, "no values");
    tip.style.display = "block";
    const room = chart.over.clientWidth - left;
    const box = chart.over.getBoundingClientRect();
    const origin = tip.parentElement.getBoundingClientRect();
    const x = room > tip.offsetWidth + 20 ? left + 14 : left - tip.offsetWidth - 14;
    tip.style.left = `${Math.max(0, box.left - origin.left + x)}px`;
    tip.style.top = `${box.top - origin.top + Math.min(top + 10, box.height - 20)}px`;
  };

  // Ticks are this many seconds apart.
  const WIDTHS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200];
  for (const days of [1, 2, 5, 10, 30, 60, 90, 180, 365, 730, 1825, 3650]) WIDTHS.push(days * 86400);
  // From so many seconds between ticks on: how they are written, and what stands below where the day changes.
  const tick = (width, form, below) => [width, form, below, null, below, null, null, null, 1];
  const TIMES = [
    tick(86400 * 365, "{YYYY}", null),
    tick(86400 * 28, "{MMM}", "\n{YYYY}"),
    tick(86400, "{D} {MMM}", "\n{YYYY}"),
    tick(60, "{HH}:{mm}", "\n{D} {MMM} {YYYY}"),
    tick(1, "{HH}:{mm}:{ss}", "\n{D} {MMM} {YYYY}"),
  ];

  const place = document.getElementById("panels");
  const room = () => Math.max(280, place.clientWidth);

  panels.forEach((panel, rank) => {
    const heading = element("h2", place, panel.title);
    element("span", heading, `  ${panel.unit}`);
    const box = element("div", place);
    box.className = "panel";
    const tip = element("div", box);
    tip.className = "tip";
    const columns = [edges];
    const series = [{}];
    const add = (values, more) => {
      columns.push([...values, null]);
      series.push({ width: 1.25, points: { show: false }, ...more });
    };
    const { band } = panel;
    if (band) add(band.high, { width: 0, fill: `${OTHERS}55`, paths: steps(band.low, band.high) });
    panel.lines.forEach((line, index) => {
      const { mean = new Array(count).fill(null), low, high } = line || {};
      add(mean, {
        show: visible[index],
        stroke: shown[index].colour,
        fill: `${shown[index].colour}33`,
        paths: steps(low, high || (panel.fills ? mean : undefined)),
      });
    });
    const isLast = rank === panels.length - 1;
    const axis = {
      stroke: css("--dim"),
      font: "11px system-ui, sans-serif",
      grid: { stroke: css("--grid"), width: 1 },
      ticks: { stroke: css("--edge"), width: 1, size: 4 },
    };
    const chart = new uPlot(
      {
        width: room(),
        height: isLast ? 170 : 136,
        padding: [8, 44, isLast ? 0 : 8, 0],
        legend: { show: false },
        tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
        cursor: {
          sync: { key: "time" },
          points: { show: false },
          y: false,
          drag: { x: true, y: false },
        },
        scales: {
          y: {
            range: (at) => {
              const { min, max } = at.scales.x;
              const from = Math.max(0, Math.floor(((min ?? start) - start) / width));
              const to = Math.min(count, Math.ceil(((max ?? edges[count]) - start) / width));
              return [0, greatest(panel, from, to) * 1.06 || 1];
            },
          },
        },
        axes: [
          {
            ...axis,
            size: isLast ? 38 : 0,
            space: 70,
            incrs: WIDTHS,
            values: isLast ? TIMES : () => [],
          },
          { ...axis, size: 58, space: 28 },
        ],
        series,
        hooks: { draw: [drawMarks(panel)], setCursor: [showTip(panel, tip)] },
      },
      columns,
      box,
    );
    chart.over.addEventListener("mouseenter", () => (hovered = chart));
    chart.over.addEventListener("mouseleave", () => {
      hovered = null;
      tip.style.display = "none";
    });
    charts.push({ chart, offset: band ? 2 : 1, band: Boolean(band) });
  });

  const redraw = () => {
    for (const { chart, offset, band } of charts) {
      chart.batch(() => {
        if (band) chart.setSeries(1, { show: bandVisible });
        visible.forEach((show, index) => chart.setSeries(index + offset, { show }));
      });
    }
    for (const { button, seen } of buttons) button.setAttribute("aria-pressed", String(seen()));
  };

  const buttons = [];
  const chip = (parent, colour, label, seen, toggle, alone) => {
    const button = element("button", parent);
    button.type = "button";
    element("i", button).style.background = colour;
    button.append(label);
    button.title = "click: show or hide; double-click: show this one alone";
    button.addEventListener("click", () => {
      toggle();
      redraw();
    });
    button.addEventListener("dblclick", () => {
      visible.fill(false);
      bandVisible = false;
      alone();
      redraw();
    });
    buttons.push({ button, seen });
  };
  const legend = document.getElementById("legend");
  const line = (parent, one, index) =>
    chip(
      parent,
      one.colour,
      one.label,
      () => visible[index],
      () => (visible[index] = !visible[index]),
      () => (visible[index] = true),
    );
  shown.slice(0, data.first).forEach((one, index) => line(legend, one, index));
  if (others) {
    chip(
      legend,
      OTHERS,
      others,
      () => bandVisible,
      () => (bandVisible = !bandVisible),
      () => (bandVisible = true),
    );
  }
  if (shown.length > data.first) {
    const more = element("details", legend.parentElement);
    legend.after(more);
    element("summary", more, `lines for ${shown.length - data.first} of the others`);
    const list = element("div", more);
    list.className = "legend";
    shown.slice(data.first).forEach((one, index) => line(list, one, index + data.first));
  }
  redraw();

  addEventListener("resize", () => {
    for (const { chart } of charts) chart.setSize({ width: room(), height: chart.height });
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    for (const { chart } of charts) chart.redraw();
  });
})();
