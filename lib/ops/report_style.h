// The beginning of an HTML report: its head, and how it looks on a screen and on paper. Internal to
// the room.
#pragma once

#include <string_view>

namespace tsp::ops {

inline constexpr std::string_view kReportHead = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Signature validation report</title>
<style>
body { font: 15px/1.5 "DejaVu Sans", Verdana, sans-serif; color: #1c2430; background: #eef1f5;
  margin: 0 auto; max-width: 1060px; padding: 1.5em; }
article { background: #fff; border: 1px solid #d5dbe3; border-radius: 8px; padding: 1.5em 2em;
  margin-bottom: 2em; }
section { border-top: 1px solid #d5dbe3; margin-top: 1.5em; }
h1 { font-size: 1.3em; margin: 0 0 .5em; overflow-wrap: anywhere; }
h2 { font-size: 1.1em; overflow-wrap: anywhere; }
h3 { font-size: 1em; margin: 1.5em 0 .3em; }
.verdict { padding: .5em .8em; border-radius: 6px; border-left: 8px solid; margin: .5em 0; }
.good { background: #e4f5e9; border-color: #1e7d3c; }
.bad { background: #fbe6e6; border-color: #b3261e; }
.open { background: #fdf3dc; border-color: #b57700; }
.judged, figcaption { color: #5a6572; font-size: .87em; }
table { border-collapse: collapse; width: 100%; font-size: .87em; }
th, td { text-align: left; vertical-align: top; padding: .3em .8em .3em 0;
  overflow-wrap: break-word; border-bottom: 1px solid #e6eaef; }
td.long { overflow-wrap: anywhere; }
.facts { font-size: 1em; }
.facts th { width: 12em; font-weight: normal; color: #5a6572; }
.findings { padding-left: 1.2em; }
.findings .error b { color: #b3261e; }
.findings .warning b { color: #8a5a00; }
code { color: #5a6572; font-size: .87em; }
figure { margin: 1.5em 0; overflow-x: auto; }
svg { width: 100%; min-width: 760px; font: 12px "DejaVu Sans", Verdana, sans-serif; }
svg .stripe { fill: #f6f8fa; }
svg .dates { fill: #5a6572; font-size: 10px; }
svg .certificate { fill: #3569b8; }
svg .unit { fill: #25878c; }
svg .evidence { fill: #c98a1b; }
svg .point { fill: #1c2430; }
svg .revoked { fill: #b3261e; font-size: 20px; font-weight: bold; }
svg line.guide { stroke: #5a6572; stroke-width: 1.3; stroke-dasharray: 5 4; }
svg line.proven { stroke: #1e7d3c; stroke-dasharray: none; }
svg line.judged { stroke: #1c2430; stroke-dasharray: none; }
svg line.extend { stroke: #b3261e; }
svg text.guide { font-size: 11px; paint-order: stroke; stroke: #fff; stroke-width: 4px; }
svg text.proven { fill: #1e7d3c; }
svg text.extend { fill: #b3261e; }
summary { cursor: pointer; margin-top: 1.5em; }
@media print { body { background: #fff; padding: 0; max-width: none; font-size: 11px; }
  article { border: 0; padding: 0; } figure, table { break-inside: avoid; } }
</style></head><body>
)";

}  // namespace tsp::ops
