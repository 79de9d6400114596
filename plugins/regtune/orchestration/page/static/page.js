// The page works without this. Airflow keeps its colour mode under the key "theme"; without one both follow the system.
try {
  const mode = localStorage.getItem("theme");
  if (mode === "dark" || mode === "light") document.documentElement.dataset.theme = mode;
} catch (error) { /* no storage: the system's mode stands */ }

// In Airflow's menu the page stands in a frame, which must not load Airflow once more: a link to a DAG or a run is
// followed by the Airflow around it.
if (window.parent !== window) {
  document.documentElement.dataset.framed = "";
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-airflow]");
    if (!link || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    window.parent.history.pushState({}, "", link.href);
    window.parent.dispatchEvent(new PopStateEvent("popstate", { state: {} }));
  });
}
