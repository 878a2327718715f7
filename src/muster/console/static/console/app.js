// What the frame does in the browser: theme buttons, small conveniences, and words when a request fails.
(function () {
  "use strict";

  function markTheme() {
    document.querySelectorAll("[data-theme-choice]").forEach(function (button) {
      var on = button.dataset.themeChoice === window.musterTheme.chosen();
      button.setAttribute("aria-pressed", String(on));
      button.classList.toggle("active", on);
    });
  }

  document.addEventListener("click", function (event) {
    var theme = event.target.closest("[data-theme-choice]");
    if (theme) {
      window.musterTheme.choose(theme.dataset.themeChoice);
      markTheme();
    }
    var login = event.target.closest("[data-fill-login]");
    if (login) {
      fill("login", login.dataset.email);
      fill("password", login.dataset.password);
    }
    var reveal = event.target.closest("[data-show-password]");
    if (reveal) {
      var field = document.getElementById(reveal.dataset.showPassword);
      var hidden = field.type === "password";
      field.type = hidden ? "text" : "password";
      reveal.setAttribute("aria-pressed", String(hidden));
    }
    var copy = event.target.closest("[data-copy]");
    if (copy && navigator.clipboard) {
      navigator.clipboard.writeText(document.getElementById(copy.dataset.copy).value).then(function () {
        copy.textContent = "Copied";
      });
    }
  });

  function fill(name, value) {
    var field = document.querySelector('form [name="' + name + '"]');
    field.value = value;
    field.focus();
  }

  // A button pressed twice must not post twice; the page that comes back brings a fresh button.
  document.addEventListener("submit", function (event) {
    if (event.defaultPrevented || event.target.method !== "post" || event.target.target === "_blank") return;
    var button = event.submitter;
    if (!button || button.dataset.again === "yes") return;
    window.setTimeout(function () {
      button.disabled = true;
      button.classList.add("btn-loading");
    }, 0);
  });
  window.addEventListener("pageshow", function (event) {
    if (!event.persisted) return;
    document.querySelectorAll(".btn-loading").forEach(function (button) {
      button.disabled = false;
      button.classList.remove("btn-loading");
    });
  });

  function say(words) {
    var place = document.getElementById("request-failure");
    if (!place) return;
    place.querySelector("[data-words]").textContent = words;
    place.hidden = false;
  }

  // What is asked for by itself, every so often, must not take away what somebody is at: a box that is ticked,
  // what has the focus, what is opened or marked. It is asked for again the next time.
  function isInUse(part) {
    var marked = window.getSelection();
    return (
      document.hidden ||
      (document.activeElement !== document.body && part.contains(document.activeElement)) ||
      part.querySelector('input[type="checkbox"]:checked, details[open]') !== null ||
      (marked && !marked.isCollapsed && part.contains(marked.anchorNode))
    );
  }
  function keepWhatIsInUse(event) {
    var part = event.detail.requestConfig.elt;
    if (part.hasAttribute("data-fresh") && isInUse(part)) event.preventDefault();
  }
  document.addEventListener("htmx:beforeRequest", keepWhatIsInUse);
  document.addEventListener("htmx:beforeSwap", function (event) {
    keepWhatIsInUse(event);
    var part = event.detail.requestConfig.elt;
    if (event.defaultPrevented || !part.hasAttribute("data-fresh")) return;
    // An answer without the part is another page: the login, or the list where there was none.
    if (!event.detail.serverResponse.includes('id="' + part.id + '"')) {
      event.preventDefault();
      window.location.reload();
    }
  });

  document.addEventListener("htmx:sendError", function () {
    say("Muster cannot be reached. Check your connection; this page goes on by itself when it is back.");
  });
  document.addEventListener("htmx:responseError", function (event) {
    var status = event.detail.xhr.status;
    say(
      status === 403
        ? "You may no longer do this here. Reload the page, or ask your Agency Admin."
        : "That did not work (error " + status + "). Reload the page and try again."
    );
  });
  document.addEventListener("htmx:afterOnLoad", function (event) {
    var place = document.getElementById("request-failure");
    if (place && event.detail.successful) place.hidden = true;
  });

  // "/" goes to the search box, as in most tools.
  document.addEventListener("keydown", function (event) {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    var search = document.getElementById("search");
    if (search && search.offsetParent !== null) {
      event.preventDefault();
      search.focus();
    }
  });

  markTheme();
})();

// What was changed in a long form is not lost by a click on a link.
document.querySelectorAll("form[data-keeps-changes]").forEach((form) => {
  const ask = (event) => event.preventDefault();
  form.addEventListener("change", () => window.addEventListener("beforeunload", ask), { once: true });
  form.addEventListener("submit", () => window.removeEventListener("beforeunload", ask));
});
