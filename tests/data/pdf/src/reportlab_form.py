"""Makes reportlab-form.pdf: two pages, text fields, a check box and a choice. Argument: the output file."""
import sys

from reportlab import rl_config

rl_config.invariant = 1  # fixed dates and /ID

from reportlab.lib.pagesizes import A4  # noqa: E402
from reportlab.pdfgen import canvas  # noqa: E402

c = canvas.Canvas(sys.argv[1], pagesize=A4, pageCompression=1)
c.setTitle("Request for return of records")
c.setAuthor("tsp test data")
c.setFont("Helvetica-Bold", 18)
c.drawString(72, 760, "Request for return of records")
c.setFont("Helvetica", 11)
c.drawString(72, 720, "Name")
c.acroForm.textfield(name="name", tooltip="Name", x=160, y=712, width=240, height=20, value="Joost van der Velde")
c.drawString(72, 690, "Reason")
c.acroForm.textfield(name="reason", tooltip="Reason", x=160, y=640, width=240, height=62, fieldFlags="multiline")
c.drawString(72, 610, "Urgent")
c.acroForm.checkbox(name="urgent", tooltip="Urgent", x=160, y=604, size=16, checked=True)
c.drawString(72, 580, "Carrier")
c.acroForm.choice(name="carrier", tooltip="Carrier", x=160, y=572, width=240, height=20, value="Post",
                  options=["Post", "Courier", "Own van"])
c.linkURL("https://records.example/return", (72, 540, 300, 556), relative=0)
c.drawString(72, 544, "How a return works")
c.showPage()
c.setFont("Helvetica", 11)
c.drawString(72, 760, "The second page.")
c.showPage()
c.save()
