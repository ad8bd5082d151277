#!/usr/bin/env bash
# Makes every PDF in this folder, and those in bad/. Run by hand; the results are committed.
# Installs nothing. On Debian 12 it needs the packages listed below, and says which are missing.
set -euo pipefail

packages=(libreoffice-writer-nogui librsvg2-bin ghostscript texlive-latex-base chromium groff
  python3-reportlab qpdf fonts-lato python3)

missing=()
for package in "${packages[@]}"; do
  state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [[ $state == installed ]] || missing+=("$package")
done
if ((${#missing[@]})); then
  echo "make.sh: these packages are missing: ${missing[*]}" >&2
  echo "make.sh: apt-get install --no-install-recommends ${missing[*]}" >&2
  exit 1
fi

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
src=$here/src
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
mkdir "$out/home" "$out/pdf" "$out/tmp"
export HOME=$out/home TMPDIR=$out/tmp TZ=UTC LC_ALL=C.UTF-8
export SOURCE_DATE_EPOCH=1793610000 FORCE_SOURCE_DATE=1 # 2 November 2026, 09:00 UTC
python=/usr/bin/python3                                 # Debian's, which has ReportLab
pdf=$out/pdf

# LibreOffice Writer: an ordinary export, and PDF/A-2b with structure tags.
office() { # office FILTER OUTDIR FODT...
  soffice "-env:UserInstallation=file://$out/office" --headless --convert-to "$1" --outdir "$2" "${@:3}" >"$out/log" 2>&1
}
office pdf "$out" "$src/agreement.fodt" "$src/letter.fodt"
mv "$out/agreement.pdf" "$pdf/agreement.pdf"
mv "$out/letter.pdf" "$pdf/libreoffice.pdf"
office 'pdf:writer_pdf_Export:{"SelectPdfVersion":{"type":"long","value":"2"},"UseTaggedPDF":{"type":"boolean","value":"true"}}' \
  "$out" "$src/letter.fodt"
mv "$out/letter.pdf" "$pdf/libreoffice-pdfa2b.pdf"

# cairo, by way of librsvg; Ghostscript; ReportLab.
rsvg-convert --format=pdf --output="$pdf/cairo.pdf" "$src/certificate.svg"
for level in 1.4 1.7; do
  # The /ID is made from the name of the output too: so no folder in it.
  (cd "$pdf" && ps2pdf -dCompatibilityLevel="$level" "$src/note.ps" "ghostscript-$level.pdf")
done
"$python" "$src/reportlab_form.py" "$pdf/reportlab-form.pdf"

# gropdf, groff's own writer: the fonts are the standard ones and stay outside.
groff -Tpdf -ms -mpdfmark "$src/minutes.ms" >"$pdf/groff.pdf"

# pdfTeX: PDF 1.4 with a table, PDF 1.5 with object streams.
for minor in 4 5; do
  (cd "$out" && pdflatex -interaction=batchmode -halt-on-error -jobname="pdftex-1.$minor" \
    "\\def\\minor{$minor}\\input{$src/notice.tex}" >/dev/null)
  mv "$out/pdftex-1.$minor.pdf" "$pdf/"
done

# Chromium, offline. It will not read a page from outside its own temporary HOME in some set-ups: copy it there.
cp "$src/page.html" "$out/home/page.html"
chromium --headless --no-sandbox --disable-gpu --disable-background-networking --no-first-run \
  --user-data-dir="$out/home/chromium" --no-pdf-header-footer \
  --print-to-pdf="$pdf/chromium.pdf" "file://$out/home/page.html" >"$out/log" 2>&1

"$python" "$src/steady.py" "$pdf"/agreement.pdf "$pdf"/libreoffice*.pdf "$pdf/chromium.pdf" \
  "$pdf/cairo.pdf" "$pdf"/ghostscript-*.pdf

"$python" "$src/handmade.py" "$pdf"

# qpdf. The two AES-256 files differ in every run: their keys are random.
qpdf --deterministic-id --linearize "$pdf/libreoffice.pdf" "$pdf/qpdf-linearized.pdf"
qpdf --deterministic-id --linearize --object-streams=generate "$pdf/libreoffice.pdf" "$pdf/qpdf-linearized-objstm.pdf"
qpdf --deterministic-id --object-streams=generate "$pdf/ghostscript-1.7.pdf" "$pdf/qpdf-object-streams.pdf"
qpdf --deterministic-id --force-version=2.0 "$pdf/form-signature.pdf" "$pdf/qpdf-pdf-2.0.pdf"
encrypt() { # encrypt USER_PASSWORD BITS OUT [OPTION...]
  qpdf --static-id --static-aes-iv --encrypt "$1" owner "$2" "${@:4}" -- "$pdf/form-signature.pdf" "$pdf/$3.pdf"
}
encrypt "" 128 qpdf-encrypted-aes128 --use-aes=y
encrypt "" 256 qpdf-encrypted-aes256
encrypt user 256 qpdf-encrypted-user-password
qpdf --static-id --static-aes-iv --object-streams=generate --encrypt "" owner 128 --use-aes=y -- \
  "$pdf/form-signature.pdf" "$pdf/qpdf-encrypted-aes128-objstm.pdf"

find "$pdf" -name '*.pdf' -size +200k -print | sed 's/^/make.sh: larger than 200 KB: /' >&2
mv "$pdf"/*.pdf "$here/"
"$python" "$here/bad/make_bad.py"
"$python" "$here/check.py"
