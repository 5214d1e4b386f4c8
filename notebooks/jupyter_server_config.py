"""Settings of `make notebook`: Jupyter's page on loopback, behind its token, and kernels that speak with nobody else.

A kernel listens on ports of loopback, where every user of the machine may connect: what is said there is encrypted with
keys of a file that only its owner reads. The debugger would listen without (notebooks/kernels/lake has none).
"""

from pathlib import Path

from traitlets.config import get_config

from deftunes.run.notebook import without_outputs

c = get_config()
c.ServerApp.ip = "127.0.0.1"
c.ServerApp.port_retries = 0  # `deftunes notebook` has looked for a free one
c.ServerApp.open_browser = False  # whatever starts a browser would show the token in its arguments
c.ServerApp.allow_root = True
c.ServerApp.answer_yes = True  # Ctrl-C ends it
c.ServerApp.root_dir = str(Path(__file__).parent)
c.LabApp.default_url = "/lab/tree/lake.ipynb"
c.LabApp.extension_manager = "readonly"
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.news_url = None
c.KernelManager.transport_encryption = "required"
c.KernelSpecManager.ensure_native_kernel = False
c.KernelSpecManager.allowed_kernelspecs = {"lake"}
c.FileContentsManager.pre_save_hook = without_outputs
