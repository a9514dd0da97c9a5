import { type ReactNode, Suspense, useEffect, useRef, useState } from "react";

const MARGIN = "100px"; // loaded before it is scrolled to, not after

/** What lies below the first screen: its script and its questions wait until a reader comes near. */
export function WhenNear({ height, children }: { height: number; children: ReactNode }) {
  const place = useRef<HTMLDivElement>(null);
  const [near, setNear] = useState(false);
  useEffect(() => {
    const watch = (entries: IntersectionObserverEntry[]) =>
      entries.some((one) => one.isIntersecting) && setNear(true);
    const observer = new IntersectionObserver(watch, { rootMargin: MARGIN });
    if (place.current) observer.observe(place.current);
    return () => observer.disconnect();
  }, []);
  const kept = <div style={{ minHeight: height }} />;
  return <div ref={place}>{near ? <Suspense fallback={kept}>{children}</Suspense> : kept}</div>;
}
