import "./charts.css";
import Box from "@cloudscape-design/components/box";
import type { ReactNode } from "react";
import type { Exact } from "../values/money";
import { Sparkline } from "./Sparkline";

type Props = {
  label: string;
  value: string;
  /** Every digit, shown when pointed at. */
  exact?: string;
  change?: ReactNode;
  points?: readonly Exact[];
};

/** One number: what it is, how it changed, and how it went. */
export function Card({ label, value, exact, change, points }: Props) {
  return (
    <div className="card">
      <Box variant="awsui-key-label">{label}</Box>
      <Box fontSize="heading-xl" fontWeight="bold">
        <span className="numbers" title={exact}>
          {value}
        </span>
      </Box>
      <Box fontSize="body-s" color="text-body-secondary">
        <div className="card-change">{change}</div>
      </Box>
      <Sparkline values={points} />
    </div>
  );
}
