"use strict";
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const words = data.words;
  const by = (id) => document.getElementById(id);
  // How long both portraits must be seen before an answer is taken.
  const LOOK = 2000;
  const STORE = "portrait-study-" + data.study;

  // What is kept on this device: everybody's answers, and who is answering now.
  let kept = { raters: [] };
  let saves = true;
  try {
    kept = JSON.parse(localStorage.getItem(STORE)) || kept;
  } catch (error) {
    saves = false;
  }
  function keep() {
    try {
      localStorage.setItem(STORE, JSON.stringify(kept));
    } catch (error) {
      saves = false;
    }
    by("unsaved").hidden = saves;
  }

  // Chance that is the same for the same rater of the same study (xmur3 and mulberry32).
  function chance(text) {
    let h = 1779033703 ^ text.length;
    for (let i = 0; i < text.length; i++) {
      h = Math.imul(h ^ text.charCodeAt(i), 3432918353);
      h = (h << 13) | (h >>> 19);
    }
    return function () {
      h = (h + 0x6d2b79f5) | 0;
      let t = Math.imul(h ^ (h >>> 15), 1 | h);
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
  }
  function shuffled(list, random) {
    const mixed = list.slice();
    for (let i = mixed.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1));
      [mixed[i], mixed[j]] = [mixed[j], mixed[i]];
    }
    return mixed;
  }

  // The trials of a rater: a block for each question, the others strewn in.
  function trials(rater) {
    const random = chance(data.study + " " + data.seed + " " + rater);
    const side = () => random() < 0.5;
    const opinions = data.trials - data.checks;
    const questions = shuffled([0, 1, 2], random);
    const list = [];
    questions.forEach(function (question, block) {
      const pool = shuffled(data.pairs.filter((pair) => pair[1] === question), random);
      const until = Math.round((opinions * (block + 1)) / 3);
      for (let i = 0; list.length < until; i++) {
        // Shown again, the sides change.
        const turn = Math.floor(i / pool.length) % 2 === 1;
        const pair = pool[i % pool.length];
        list.push({ pair: pair, swap: pair.swap === undefined ? (pair.swap = side()) : pair.swap !== turn });
      }
      pool.forEach((pair) => delete pair.swap);
    });
    const checks = shuffled(data.pairs.filter((pair) => pair[1] > 2), random);
    const kinds = [3, 4].map((kind) => checks.filter((pair) => pair[1] === kind));
    const every = opinions / data.checks;
    for (let i = data.checks - 1; i >= 0; i--) {
      const kind = kinds[i % 2];
      const pair = kind[Math.floor(i / 2) % kind.length];
      const at = Math.floor(every * (i + 0.25 + 0.6 * random()));
      list.splice(at, 0, { pair: pair, swap: side() });
    }
    return list.map(function (trial) {
      const shown = [trial.pair[2], trial.pair[3]];
      return { code: trial.pair[0], question: trial.pair[1], shown: trial.swap ? shown.reverse() : shown };
    });
  }

  function page(id) {
    ["welcome", "trial", "thanks"].forEach((one) => (by(one).hidden = one !== id));
    window.scrollTo(0, 0);
  }

  // Pictures of a film, decoded.
  const decoded = new Map();
  function pictures(film) {
    if (!decoded.has(film)) {
      const all = data.films[film].pictures.map(function (text) {
        const image = new Image();
        image.src = "data:image/jpeg;base64," + text;
        return image.decode().then(() => image);
      });
      decoded.set(film, Promise.all(all));
    }
    return decoded.get(film);
  }
  function forget(needed) {
    Array.from(decoded.keys()).filter((film) => !needed.includes(film)).forEach((film) => decoded.delete(film));
  }
  const filmsOf = (trial) => (trial ? trial.shown.map((code) => data.shown[code][0]) : []);

  // The two films, played together, once; then they rest on their last picture.
  let run = 0;
  function play(trial, sides, first) {
    const mine = ++run;
    const rate = Math.max.apply(null, filmsOf(trial).map((film) => data.films[film].rate));
    const count = Math.max(sides[0].length, sides[1].length);
    const canvases = [by("canvas0"), by("canvas1")];
    const looks = trial.shown.map((code) => data.shown[code]);
    canvases.forEach(function (canvas) {
      canvas.width = data.side;
      canvas.height = data.side;
    });
    let begun = null;
    let last = -1;
    function draw(now) {
      if (mine !== run) {
        return;
      }
      if (begun === null) {
        begun = now;
        first(performance.now());
      }
      const index = Math.min(Math.floor(((now - begun) / 1000) * rate), count - 1);
      if (index !== last) {
        last = index;
        canvases.forEach(function (canvas, side) {
          const images = sides[side];
          const image = images[looks[side][1] ? 0 : Math.min(index, images.length - 1)];
          const brush = canvas.getContext("2d");
          brush.setTransform(1, 0, 0, 1, 0, 0);
          if (looks[side][2]) {
            brush.setTransform(-1, 0, 0, -1, data.side, data.side);
          }
          brush.drawImage(image, 0, 0);
        });
      }
      if (index < count - 1) {
        requestAnimationFrame(draw);
      }
    }
    requestAnimationFrame(draw);
  }

  let current = null;
  function begin(rater) {
    current = { rater: rater, list: trials(rater.code), trial: null, sides: null, since: 0, open: false };
    ask();
  }
  function ask() {
    const done = current.rater.answers.length;
    const state = current;
    if (done >= state.list.length || state.rater.stopped) {
      return thank();
    }
    page("trial");
    const trial = state.list[done];
    state.trial = trial;
    state.open = false;
    run++;
    by("place").textContent = words.place.replace("#", done + 1).replace("#", state.list.length);
    by("bar").max = state.list.length;
    by("bar").value = done;
    by("question").textContent = words.questions[trial.question];
    by("question").focus();
    buttons(false);
    by("again").disabled = true;
    forget(filmsOf(trial));
    Promise.all(filmsOf(trial).map(pictures)).then(function (sides) {
      if (state !== current || state.trial !== trial) {
        return;
      }
      state.sides = sides;
      play(trial, sides, function (now) {
        state.since = now;
        by("again").disabled = false;
        setTimeout(function () {
          if (state === current && state.trial === trial) {
            state.open = true;
            buttons(true);
            filmsOf(state.list[done + 1]).forEach(pictures);
          }
        }, LOOK);
      });
    });
  }
  function buttons(open) {
    [0, 1].forEach((side) => (by("answer" + side).disabled = !open));
  }
  function answer(side) {
    if (!current || !current.open) {
      return;
    }
    current.open = false;
    const trial = current.trial;
    const took = Math.round(performance.now() - current.since);
    current.rater.answers.push([trial.code, trial.shown[0], trial.shown[1], side === 0 ? "left" : "right", took]);
    keep();
    ask();
  }
  function again() {
    if (current && current.sides && !by("again").disabled) {
      play(current.trial, current.sides, function () {});
    }
  }
  function thank() {
    current = null;
    run++;
    page("thanks");
    by("thanked").focus();
    by("text").hidden = true;
    by("more").open = false;
  }
  function welcome() {
    current = null;
    by("consent").reset();
    by("taken").hidden = true;
    by("all").hidden = kept.raters.length === 0;
    by("unsaved").hidden = saves;
    page("welcome");
  }

  // All answers as a table.
  function table() {
    const lines = ["study,rater,trial,pair,left,right,answer,milliseconds"];
    kept.raters.forEach(function (rater) {
      rater.answers.forEach(function (one, index) {
        lines.push([data.study, rater.code, index + 1].concat(one).join(","));
      });
    });
    return lines.join("\r\n") + "\r\n";
  }
  function save() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([table()], { type: "text/csv" }));
    link.download = "answers-" + data.study + ".csv";
    document.body.appendChild(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }
  function code() {
    const letters = "23456789bcdfghjkmnpqrstvwxz";
    const numbers = crypto.getRandomValues(new Uint32Array(8));
    return Array.from(numbers, (number) => letters[number % letters.length]).join("");
  }

  by("consent").addEventListener("submit", function (event) {
    event.preventDefault();
    const name = by("rater").value.trim() || code();
    const taken = kept.raters.some((rater) => rater.code === name);
    by("taken").hidden = !taken;
    if (taken) {
      by("rater").focus();
      return;
    }
    const rater = { code: name, answers: [], stopped: false };
    kept.raters.push(rater);
    keep();
    begin(rater);
  });
  by("answer0").addEventListener("click", () => answer(0));
  by("answer1").addEventListener("click", () => answer(1));
  by("again").addEventListener("click", again);
  by("stop").addEventListener("click", function () {
    if (confirm(words.stopping)) {
      current.rater.stopped = true;
      keep();
      thank();
    }
  });
  by("next").addEventListener("click", welcome);
  by("save").addEventListener("click", save);
  by("all").addEventListener("click", thank);
  by("show").addEventListener("click", function () {
    by("text").value = table();
    by("text").hidden = false;
    by("text").select();
  });
  by("erase").addEventListener("click", function () {
    if (confirm(words.erasing)) {
      kept = { raters: [] };
      keep();
      welcome();
    }
  });
  document.addEventListener("keydown", function (event) {
    if (!current || event.repeat || event.altKey || event.ctrlKey || event.metaKey) {
      return;
    }
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      event.preventDefault();
      answer(event.key === "ArrowLeft" ? 0 : 1);
    } else if (event.key === "r" || event.key === "R") {
      again();
    }
  });

  by("calm").hidden = !(window.matchMedia && matchMedia("(prefers-reduced-motion: reduce)").matches);
  // After a reload it goes on where it was.
  const open = kept.raters[kept.raters.length - 1];
  if (open && !open.stopped && open.answers.length < data.trials) {
    begin(open);
  } else {
    welcome();
  }
})();
