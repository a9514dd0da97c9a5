import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import FileUpload from "@cloudscape-design/components/file-upload";
import FormField from "@cloudscape-design/components/form-field";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useState } from "react";
import type { BulkReport } from "../../api/customers";
import { useSend } from "../../api/hooks";
import { csv, saveCsv } from "../../parts/downloads";
import { FormModal } from "../../parts/FormModal";
import { count } from "../../values/format";
import { Report } from "./Report";

const EXAMPLE = "user_id,alias,budget_id,max_budget,budget_duration\ncus_1,Acme,,25,1mo\n";

/** Make many customers of a CSV file, with a report on each of its rows. */
export function ImportCustomers({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const [files, setFiles] = useState<File[]>([]);
  const sent = useSend<BulkReport>("/customer/bulk", "text/csv");
  const report = sent.data;

  async function take(chosen: File[]): Promise<void> {
    setFiles(chosen);
    setText((await chosen[0]?.text()) ?? "");
  }

  return (
    <FormModal
      title="Import customers"
      submitText={report ? "Done" : "Import"}
      size="large"
      onSubmit={() => (report ? onClose() : sent.mutate(text))}
      onDismiss={onClose}
      busy={sent.isPending}
      error={sent.error}
      disabled={!text.trim()}
    >
      {report ? (
        <SpaceBetween size="m">
          <Alert type={report.failed ? "warning" : "success"}>
            {count(report.created)} made, {count(report.failed)} not.
          </Alert>
          <Report rows={report.rows} />
          <Button iconName="download" onClick={() => saveCsv("import", reportCsv(report))}>
            Download the report
          </Button>
        </SpaceBetween>
      ) : (
        <SpaceBetween size="m">
          <FormField
            label="CSV file"
            description="The first line names the fields, user_id among them; up to 10,000 rows. Those who are there already are left as they are."
            stretch
          >
            <FileUpload
              value={files}
              accept=".csv,text/csv"
              onChange={({ detail }) => void take([...detail.value])}
              i18nStrings={{
                uploadButtonText: () => "Choose a file",
                dropzoneText: () => "Drop the file here",
                removeFileAriaLabel: () => "Remove the file",
                limitShowFewer: "Show fewer",
                limitShowMore: "Show more",
                errorIconAriaLabel: "Error",
              }}
            />
          </FormField>
          <FormField label="Or paste it here" stretch>
            <Textarea
              value={text}
              rows={8}
              placeholder={EXAMPLE}
              onChange={({ detail }) => setText(detail.value)}
            />
          </FormField>
          <Box variant="small" color="text-body-secondary">
            Fields: alias, budget_id, blocked, models, max_budget, budget_duration, rpm_limit, tpm_limit,
            max_parallel_requests and every other field of POST /customer/new.
          </Box>
        </SpaceBetween>
      )}
    </FormModal>
  );
}

function reportCsv({ rows }: BulkReport): string {
  return csv(
    ["row", "user_id", "status", "field", "reason"],
    rows.map(({ row, user_id, status, field, reason }) => [
      String(row),
      user_id ?? "",
      status,
      field ?? "",
      reason ?? "",
    ]),
  );
}
