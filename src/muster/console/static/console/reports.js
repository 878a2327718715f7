// Building a report: what is chosen is run at once, fields are found while one types, columns are dragged.
(function () {
  "use strict";

  function builder() {
    return document.getElementById("builder");
  }

  document.addEventListener("change", function (event) {
    if (event.target.closest("#builder") && "follow" in event.target.dataset) builder().requestSubmit();
  });

  // What a button changes is changed here at once, too: who presses the next one before the answer has come
  // sends all of it, and nothing is lost with the answer that is given up.
  function hidden(name, value) {
    var input = document.createElement("input");
    input.type = "hidden";
    input.name = name;
    input.value = value;
    return input;
  }
  var changes = {
    add: function (button) {
      var line = document.createElement("li");
      line.hidden = true;
      line.append(hidden("column", button.value));
      document.querySelector("[data-columns]").append(line);
      button.closest(".report-offer").querySelector("[data-find]").value = "";
    },
    remove: function (button) {
      var line = button.closest(".report-column");
      if (line.parentNode.children.length > 1) line.remove();
    },
    up: function (button) {
      var line = button.closest(".report-column");
      if (line.previousElementSibling) line.previousElementSibling.before(line);
      button.focus();
    },
    down: function (button) {
      var line = button.closest(".report-column");
      if (line.nextElementSibling) line.nextElementSibling.after(line);
      button.focus();
    },
    filter: function (button) {
      button.closest(".report-offer").open = false;
      document.getElementById("builder-parts").append(hidden("field", button.value), hidden("operator", ""), hidden("value", ""));
    },
    unfilter: function (button) {
      button.closest(".report-filter").remove();
      document.querySelectorAll('#builder [name="unfilter"]').forEach(function (one, place) {
        one.value = String(place);
      });
    },
  };
  var sent = 0;
  var runs = false;
  function pressed(event) {
    return (event && event.submitter) || null;
  }
  // Which button counts is the browser's word: the focus, which moves with the lines, says nothing.
  document.addEventListener("htmx:configRequest", function (event) {
    if (event.detail.elt.id !== "builder") return;
    var button = pressed(event.detail.triggeringEvent);
    Object.keys(changes).forEach(function (name) {
      delete event.detail.parameters[name];
    });
    if (button && button.name) event.detail.parameters[button.name] = button.value;
  });
  document.addEventListener("htmx:beforeSend", function (event) {
    if (event.detail.elt.id !== "builder") return;
    event.detail.xhr.number = sent += 1;
    var button = pressed(event.detail.requestConfig.triggeringEvent);
    if (button && changes[button.name]) changes[button.name](button);
    runs = Boolean(button && button.id === "run");
  });

  // An answer that comes while somebody looks for a field leaves the list open, with what was typed; one that
  // was asked for before the last edit comes too late.
  var looking = [];
  document.addEventListener("htmx:beforeSwap", function (event) {
    if (event.detail.target.id !== "builder-parts") return;
    if (event.detail.xhr.number !== sent) {
      event.detail.shouldSwap = false;
      return;
    }
    looking = Array.from(document.querySelectorAll("#builder .report-offer[open] [data-find]")).map(function (input) {
      return { id: input.id, value: input.value, focused: document.activeElement === input };
    });
  });
  document.addEventListener("htmx:afterSettle", function (event) {
    // Who presses Run wants to see the rows, wherever the builder ends.
    if (runs && event.detail.target.id === "builder-parts") {
      runs = false;
      document.getElementById("report-answer").scrollIntoView({ block: "start" });
    }
    looking.forEach(function (was) {
      var input = document.getElementById(was.id);
      if (!input) return;
      input.closest(".report-offer").open = true;
      input.value = was.value;
      find(input);
      if (was.focused) input.focus();
    });
    looking = [];
  });

  // Fields whose names hold what is typed; a heading without any goes too.
  function find(input) {
    var offer = input.closest(".report-offer");
    var words = input.value.trim().toLowerCase();
    var some = false;
    offer.querySelectorAll("[data-section]").forEach(function (section) {
      var shown = false;
      section.querySelectorAll("[data-field]").forEach(function (button) {
        button.hidden = !button.textContent.toLowerCase().includes(words);
        shown = shown || !button.hidden;
      });
      section.hidden = !shown;
      some = some || shown;
    });
    offer.querySelector("[data-none]").hidden = some;
  }
  document.addEventListener("input", function (event) {
    if ("find" in event.target.dataset) find(event.target);
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || !event.target.dataset || !("find" in event.target.dataset)) return;
    event.preventDefault();
    var first = event.target.closest(".report-offer").querySelector("[data-field]:not([hidden])");
    if (first && event.target.value.trim()) first.click();
  });
  document.addEventListener("click", function (event) {
    var summary = event.target.closest && event.target.closest(".report-offer > summary");
    if (!summary) return;
    window.setTimeout(function () {
      if (summary.parentNode.open) summary.parentNode.querySelector("[data-find]").focus();
    }, 0);
  });
  document.addEventListener("keydown", function (event) {
    var open = event.key === "Escape" && event.target.closest && event.target.closest("details[open]");
    if (!open || !open.closest("#report")) return;
    open.open = false;
    open.querySelector("summary").focus();
  });

  var dragged = null;
  function column(event) {
    return event.target.closest ? event.target.closest(".report-column") : null;
  }
  function forget() {
    document.querySelectorAll(".report-column.is-over, .report-column.is-dragged").forEach(function (one) {
      one.classList.remove("is-over", "is-dragged");
    });
  }
  document.addEventListener("dragstart", function (event) {
    dragged = column(event);
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.dataset.column);
    dragged.classList.add("is-dragged");
  });
  document.addEventListener("dragover", function (event) {
    var over = column(event);
    if (!dragged || !over) return;
    event.preventDefault();
    document.querySelectorAll(".report-column.is-over").forEach(function (one) {
      one.classList.toggle("is-over", one === over);
    });
    over.classList.add("is-over");
  });
  document.addEventListener("drop", function (event) {
    var over = column(event);
    if (!dragged || !over) return;
    event.preventDefault();
    if (over !== dragged) {
      var comesAfter = dragged.compareDocumentPosition(over) & Node.DOCUMENT_POSITION_FOLLOWING;
      over.parentNode.insertBefore(dragged, comesAfter ? over.nextSibling : over);
      builder().requestSubmit();
    }
  });
  document.addEventListener("dragend", function () {
    forget();
    dragged = null;
  });
})();
