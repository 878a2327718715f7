// Stands in the head and blocks, so that no page is ever painted in the wrong theme.
(function () {
  "use strict";
  var KEY = "muster-theme";
  var dark = window.matchMedia("(prefers-color-scheme: dark)");

  function chosen() {
    try {
      return window.localStorage.getItem(KEY) || "system";
    } catch (refused) {
      return "system";
    }
  }

  function apply() {
    var theme = chosen() === "system" ? (dark.matches ? "dark" : "light") : chosen();
    document.documentElement.setAttribute("data-bs-theme", theme);
  }

  window.musterTheme = {
    chosen: chosen,
    choose: function (theme) {
      try {
        window.localStorage.setItem(KEY, theme);
      } catch (refused) {
        // A browser that keeps nothing follows the system.
      }
      apply();
    },
  };
  dark.addEventListener("change", apply);
  apply();
})();
