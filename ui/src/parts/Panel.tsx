import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import { type ReactNode, useRef } from "react";
import type { ApiError } from "../api/errors";
import type { Asked } from "../api/hooks";
import { ExportMenu } from "./ExportMenu";

type Props<T> = {
  title: string;
  description?: ReactNode;
  asked: Asked<T>;
  /** Whether an answer has nothing to show, and what is said then. */
  empty?: (data: T) => boolean;
  emptyText?: ReactNode;
  csv?: string | ((data: T) => string | Promise<string>) | null;
  /** What else helps with an error, beside trying again. */
  remedy?: (error: ApiError) => ReactNode;
  actions?: ReactNode;
  /** Kept while loading, so that nothing moves when the answer comes; px. */
  height?: number;
  children: (data: T) => ReactNode;
};

/** A titled part of a view that shows one answer, in each of its states: loading, error, empty, full. */
export function Panel<T>(props: Props<T>) {
  const { title, description, asked, csv, actions } = props;
  const picture = useRef<HTMLDivElement>(null);
  const rows = typeof csv === "function" ? asked.data && (() => csv(asked.data as T)) : csv;
  const header = (
    <Header
      variant="h2"
      description={description}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          {actions}
          <ExportMenu name={title} path={asked.path} csv={rows ?? null} picture={picture} />
        </SpaceBetween>
      }
    >
      {title}
    </Header>
  );
  return (
    <Container header={header} fitHeight>
      <div
        ref={picture}
        className="panel"
        style={{ minHeight: props.height ?? 120 }}
        aria-busy={asked.loading || asked.refreshing}
      >
        <Content {...props} />
      </div>
    </Container>
  );
}

function Content<T>({ asked, empty, emptyText, height, remedy, children }: Props<T>) {
  if (asked.error) return <Failure asked={asked} remedy={remedy?.(asked.error)} />;
  if (asked.data === undefined) return <Loading height={height ?? 120} />;
  if (empty?.(asked.data)) return <Nothing>{emptyText}</Nothing>;
  return <div className={asked.refreshing ? "refreshing" : undefined}>{children(asked.data)}</div>;
}

type FailureProps = { asked: Pick<Asked<unknown>, "error" | "reload">; remedy?: ReactNode };

/** What went wrong, what to do about it, and a way to try again. */
export function Failure({ asked, remedy }: FailureProps) {
  return (
    <Alert
      type="error"
      header={asked.error?.message}
      action={
        <SpaceBetween direction="horizontal" size="xs">
          {remedy}
          <Button onClick={asked.reload}>Try again</Button>
        </SpaceBetween>
      }
    >
      {asked.error?.help}
    </Alert>
  );
}

export function Loading({ height }: { height: number }) {
  return (
    <div className="middle" style={{ minHeight: height }}>
      <Spinner size="large" />
      <span className="unseen" role="status">
        Loading
      </span>
    </div>
  );
}

export function Nothing({ children }: { children?: ReactNode }) {
  return (
    <Box textAlign="center" color="text-body-secondary" padding={{ vertical: "l" }}>
      {children ?? "No calls in this range. Choose other days or fewer filters."}
    </Box>
  );
}
