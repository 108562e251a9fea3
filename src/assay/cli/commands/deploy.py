"""``assay deploy``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assay.cli.app import new_app
from assay.cli.options import Json, Shelf, SignedBy

app = new_app()


@app.command()
def deploy(
    bundle: Annotated[
        str,
        typer.Argument(
            metavar="BUNDLE",
            help="A folder, an archive, NAME or NAME:VERSION on the shelf, or oci://REGISTRY/PATH:TAG.",
        ),
    ],
    storage: Annotated[
        str | None,
        typer.Option(
            "--storage",
            metavar="ADDRESS",
            help="Where the cluster finds it: oci://…@sha256:…, s3://BUCKET/PATH or pvc://CLAIM/PATH; default: the oci address.",
        ),
    ] = None,
    image: Annotated[
        str,
        typer.Option("--image", metavar="IMAGE", envvar="ASSAY_IMAGE", help="The container that runs 'assay serve'."),
    ] = "",
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="Of the InferenceService; default: the bundle's.")
    ] = "",
    namespace: Annotated[
        str, typer.Option("--namespace", metavar="NAME", help="Of the cluster; default: that of the context.")
    ] = "",
    form: Annotated[
        str,
        typer.Option("--format", metavar="assay|onnx", help="Our container, or the cluster's runtime for plain ONNX."),
    ] = "assay",
    runtime: Annotated[
        str, typer.Option("--runtime", metavar="NAME", help="Serving runtime for plain ONNX; default: the cluster's.")
    ] = "",
    mode: Annotated[
        str,
        typer.Option(
            "--mode", metavar="standard|knative", help="Plain Deployments, or Knative: canary, scale to zero."
        ),
    ] = "standard",
    grpc: Annotated[
        bool,
        typer.Option(
            "--grpc", help="With Knative: answer over gRPC in place of HTTP. Plain Deployments always answer over both."
        ),
    ] = False,
    explainer: Annotated[bool, typer.Option("--explainer", help="Give explanations pods of their own.")] = False,
    canary: Annotated[
        int | None,
        typer.Option("--canary", metavar="PERCENT", help="Of the requests that the new version gets, 1 to 99."),
    ] = None,
    least: Annotated[
        int, typer.Option("--min-replicas", metavar="N", help="Fewest pods; 0: none while nobody asks.")
    ] = 1,
    most: Annotated[
        int, typer.Option("--max-replicas", metavar="N", help="Most pods; 0: the cluster's own limit.")
    ] = 0,
    cpu: Annotated[str, typer.Option("--cpu", metavar="CORES", help="Of a pod, such as 500m.")] = "1",
    memory: Annotated[str, typer.Option("--memory", metavar="SIZE", help="Of a pod, such as 1Gi.")] = "1Gi",
    gpu: Annotated[int, typer.Option("--gpu", metavar="N", help="Accelerators of a pod.")] = 0,
    account: Annotated[
        str, typer.Option("--service-account", metavar="NAME", help="Of the pods: whoever may read the storage.")
    ] = "",
    registry_secret: Annotated[
        str, typer.Option("--registry-secret", metavar="NAME", help="Secret with the registry's credentials.")
    ] = "",
    sites: Annotated[
        list[str] | None,
        typer.Option("--site", "--context", metavar="CONTEXT", help="A context of the kubeconfig; again for more."),
    ] = None,
    kubeconfig: Annotated[
        Path | None,
        typer.Option("--kubeconfig", metavar="FILE", help="Default: KUBECONFIG, or ~/.kube/config."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Have each site check the documents, and change nothing.")
    ] = False,
    wait: Annotated[
        float,
        typer.Option("--wait", metavar="SECONDS", min=1, help="Until a site has to answer; else it is rolled back."),
    ] = 600.0,
    ask: Annotated[
        str | None,
        typer.Option(
            "--ask",
            metavar="proxy|url",
            help="Ask through the API server, or at the service's address; default: proxy, with Knative url.",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write the documents there, for GitOps.")
    ] = None,
    key: SignedBy = None,
    shelf: Shelf = None,
    json: Json = False,
) -> None:
    """Verify a bundle and serve it on KServe, at one site or many; without a site, write the documents.

    Nothing is deployed without a valid pass for exactly this model; an override that is signed into the bundle stands first, in red.
    Each site checks the documents, gets them, and has to answer and explain the bundle's example as here; else it is rolled back.
    Ctrl+C rolls back what is not done. Exits with 1 when a site was not deployed to.
    """
    from assay.cli.deploying import Choices, write_documents  # cryptography and YAML
    from assay.cli.rollouts import Plan, deploy_to_sites

    choices = Choices(
        storage=storage,
        image=image,
        name=name,
        namespace=namespace,
        form=form,
        runtime=runtime,
        mode=mode,
        grpc=grpc,
        explainer=explainer,
        canary=canary,
        least=least,
        most=most,
        cpu=cpu,
        memory=memory,
        gpu=gpu,
        account=account,
        registry_secret=registry_secret,
    )
    if sites:
        plan = Plan(sites, kubeconfig, wait, ask, dry_run=dry_run)
        deploy_to_sites(bundle, choices, plan, key=key, shelf=shelf, out=out, json=json)
    else:
        write_documents(bundle, choices, key=key, shelf=shelf, out=out, json=json)
