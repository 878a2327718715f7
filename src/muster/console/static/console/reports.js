// Building a report: what is chosen is run at once, fields are found while one types, columns are dragged.
(function () {
  "use strict";

  function builder() {
    return document.getElementById("builder");
  }

  document.addEventListener("change", function (event) {
    if (event.target.closest("#builder") && "follow" in event.target.dataset) builder().requestSubmit();
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
  document.addEventListener(
    "toggle",
    function (event) {
      var input = event.target.matches(".report-offer[open]") && event.target.querySelector("[data-find]");
      if (input) input.focus();
    },
    true
  );
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
