/** Texts one below the other; a dash when there is none. */
export function Lines({ texts }: { texts: readonly string[] }) {
  if (!texts.length) return <>–</>;
  return (
    <>
      {texts.map((text) => (
        <div key={text}>{text}</div>
      ))}
    </>
  );
}
