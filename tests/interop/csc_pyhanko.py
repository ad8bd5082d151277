"""Signs a PDF by pyHanko's client of the CSC API v1.

usage: csc_pyhanko.py URL CA-FILE API-KEY CREDENTIAL PIN CODE INPUT OUTPUT
"""
import asyncio
import ssl
import sys

import aiohttp
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.signers import csc_signer


async def main(url, ca_file, api_key, credential, pin, code, source, target):
    context = ssl.create_default_context(cafile=ca_file)
    session_info = csc_signer.CSCServiceSessionInfo(url, credential, oauth_token=api_key)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
        info = await csc_signer.fetch_certs_in_csc_credential(session, session_info)

        class Authorization(csc_signer.CSCAuthorizationManager):
            async def authorize_signature(self, hash_b64s):
                request = self.format_csc_auth_request(
                    num_signatures=len(hash_b64s), pin=pin, otp=code, hash_b64s=hash_b64s)
                async with session.post(self.csc_session_info.endpoint_url("credentials/authorize"),
                                        headers=self.auth_headers, json=request, raise_for_status=True) as answer:
                    return self.parse_csc_auth_response(await answer.json())

        signer = csc_signer.CSCSigner(session, Authorization(session_info, info), sign_timeout=30)
        with open(source, "rb") as file:
            writer = IncrementalPdfFileWriter(file)
            meta = signers.PdfSignatureMetadata(field_name="Remote", md_algorithm="sha256",
                                                subfilter=fields.SigSeedSubFilter.PADES)
            with open(target, "wb+") as out:
                await signers.PdfSigner(meta, signer).async_sign_pdf(writer, output=out)


asyncio.run(main(*sys.argv[1:]))
