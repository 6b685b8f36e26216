// The address of the page.
import { useEffect, useState } from './lib/preact.js';

/** Leads to another page without loading everything again. */
export function navigate(path) {
  if (path !== location.pathname + location.search) history.pushState(null, '', path);
  window.dispatchEvent(new Event('serai-navigate'));
}

/** The path and query of the page, which links and the browser's buttons change. */
export function useAddress() {
  const [address, set] = useState(location.pathname + location.search);
  useEffect(() => {
    const look = () => set(location.pathname + location.search);
    const click = (event) => {
      const link = event.target.closest && event.target.closest('a[href^="/console/"]');
      if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      navigate(link.getAttribute('href'));
    };
    window.addEventListener('popstate', look);
    window.addEventListener('serai-navigate', look);
    document.addEventListener('click', click);
    return () => {
      window.removeEventListener('popstate', look);
      window.removeEventListener('serai-navigate', look);
      document.removeEventListener('click', click);
    };
  }, []);
  return address;
}
