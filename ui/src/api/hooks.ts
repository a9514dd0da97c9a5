import {
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useSession } from "../app/session";
import { get, getPage, type Page, post, send, withCursor } from "./client";
import type { ApiError } from "./errors";

const FRESH_MS = 15_000;

/** What a question came to: the last answer stays while the next one is on its way (`refreshing`). */
export type Asked<T> = {
  path: string | null;
  data: T | undefined;
  error: ApiError | null;
  loading: boolean;
  refreshing: boolean;
  reload: () => void;
};

/** How often to ask anew, in milliseconds: always, or as the last answer says. */
type Every<T> = number | ((data: T | undefined) => number | false);

/** Ask the API; null asks nothing yet. Answers that come too late for a changed question are dropped. */
export function useApi<T>(path: string | null, options: { every?: Every<T> } = {}): Asked<T> {
  const { to } = useSession();
  const found = useQuery<T, ApiError>({
    queryKey: [to.base, path],
    queryFn: ({ signal }) => get<T>(to, path ?? "", signal),
    enabled: path !== null,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => interval(options.every, state.data),
    staleTime: FRESH_MS,
  });
  return {
    path,
    data: found.data,
    error: found.error,
    loading: path !== null && found.isPending,
    refreshing: found.isFetching && found.isPlaceholderData,
    reload: () => void found.refetch(),
  };
}

export type Pages<T> = Omit<Asked<T[]>, "data"> & {
  pages: Page<T>[];
  /** Ask for the page after the last one; null when there is none. */
  more: (() => void) | null;
  loadingMore: boolean;
};

/** Ask for a list page by page; null asks nothing yet. A page may be empty and still have one after it. */
export function usePages<T>(path: string | null): Pages<T> {
  const { to } = useSession();
  const found = useInfiniteQuery<Page<T>, ApiError, { pages: Page<T>[] }, unknown[], string>({
    queryKey: [to.base, path, "pages"],
    queryFn: ({ signal, pageParam }) => getPage<T>(to, withCursor(path ?? "", pageParam), signal),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
    enabled: path !== null,
    placeholderData: keepPreviousData,
    staleTime: FRESH_MS,
  });
  return {
    path,
    pages: found.data?.pages ?? [],
    error: found.error,
    loading: path !== null && found.isPending,
    refreshing: found.isFetching && found.isPlaceholderData,
    reload: () => void found.refetch(),
    more: found.hasNextPage ? () => void found.fetchNextPage() : null,
    loadingMore: found.isFetchingNextPage,
  };
}

function interval<T>(every: Every<T> | undefined, data: T | undefined): number | false {
  return typeof every === "function" ? every(data) : (every ?? false);
}

/** Ask for one page of a list, with the cursor of the next one. */
export function useListPage<T>(path: string, cursor: string): Asked<Page<T>> {
  const { to } = useSession();
  const found = useQuery<Page<T>, ApiError>({
    queryKey: [to.base, path, cursor, "page"],
    queryFn: ({ signal }) => getPage<T>(to, withCursor(path, cursor), signal),
    placeholderData: keepPreviousData,
    staleTime: FRESH_MS,
  });
  return {
    path: withCursor(path, cursor),
    data: found.data,
    error: found.error,
    loading: found.isPending,
    refreshing: found.isFetching && found.isPlaceholderData,
    reload: () => void found.refetch(),
  };
}

type ChangeOptions = {
  /** Keep no answer: it holds a secret. */
  forget?: boolean;
  /** The view is left for another one, so that what it showed is not asked anew. */
  leaves?: boolean;
};

/** Change something; afterwards everything shown is asked anew. */
export function useChange<B, T = unknown>(path: string, options: ChangeOptions = {}) {
  const { to } = useSession();
  const client = useQueryClient();
  return useMutation<T, ApiError, B>({
    mutationFn: (body) => post<T>(to, path, body),
    onSuccess: () => client.invalidateQueries({ refetchType: options.leaves ? "none" : "active" }),
    ...(options.forget ? { gcTime: 0 } : {}),
  });
}

/** Send a text such as a CSV file; afterwards everything shown is asked anew. */
export function useSend<T>(path: string, type: string) {
  const { to } = useSession();
  const client = useQueryClient();
  return useMutation<T, ApiError, string>({
    mutationFn: (body) => send<T>(to, path, type, body),
    onSuccess: () => client.invalidateQueries(),
  });
}
