import { useRef } from "react";
import { Checking } from "./Checking";
import { Frame } from "./Frame";
import { NoAccess } from "./NoAccess";
import { SignIn } from "./SignIn";
import { roleOf, SessionContext } from "./session";
import { useSignedIn } from "./useSignedIn";

/** The page: somebody signs in with a key, and sees what the key may see. */
export function App() {
  const { key, session, error, checking, retry, signIn, signOut } = useSignedIn();
  const typed = useRef(false); // whether the form was used: then it stays while the key is checked
  const wasIn = useRef(false);
  if (session) {
    wasIn.current = true;
    return (
      <SessionContext.Provider value={session}>
        {roleOf(session.self) === "none" ? <NoAccess /> : <Frame />}
      </SessionContext.Provider>
    );
  }
  if (key === null) wasIn.current = false;
  if (checking && !typed.current) return <Checking onCancel={signOut} />;
  return (
    <SignIn
      error={checking ? null : error}
      ended={wasIn.current && key !== null}
      busy={checking}
      onKey={(text) => {
        typed.current = true;
        signIn(text);
      }}
      onRetry={key !== null && !error?.unauthorized ? retry : null}
    />
  );
}
