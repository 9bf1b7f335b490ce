/** Package trace: goes from records to journeys, purely. */

export * from "./record.ts";
