"""How vision-language models reason about space, shown causally: config.yaml says what, `snakemake --cores all` makes it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(workflow.basedir, "scripts")))
from linmech.config import reading as settings
from linmech.config.derived import without_null
from linmech.job import import_first
from linmech.objects.listing import nouns_of
from linmech.planning import keep_all, keep_signatures
from snakemake.resources import Resource

keep_all()
import_first(Path(workflow.basedir, "scripts"))
settings.or_exit(settings.read, Path("config.yaml"))


configfile: "config.yaml"


settings.or_exit(settings.bounded, config)
config = without_null(config)
settings.or_exit(settings.validate, config, Path(workflow.basedir, "workflow", "schemas", "config.schema.yaml"))


settings.or_exit(settings.enough_objects, config, *settings.or_exit(nouns_of, config["objects"]))


report: "workflow/report/workflow.rst"


include: "workflow/common/names.smk"
include: "workflow/common/models.smk"
include: "workflow/common/objects.smk"
include: "workflow/common/datasets.smk"
include: "workflow/common/caches.smk"
include: "workflow/common/experiments.smk"
include: "workflow/common/forks.smk"
include: "workflow/download.smk"
include: "workflow/render.smk"
include: "workflow/cache.smk"
include: "workflow/derive.smk"
include: "workflow/steer.smk"
include: "workflow/displace.smk"
include: "workflow/swap.smk"
include: "workflow/diagnose.smk"
include: "workflow/finetune.smk"
include: "workflow/plot_ids.smk"
include: "workflow/plot_parts.smk"
include: "workflow/plot_moved.smk"
include: "workflow/plot_swaps.smk"
include: "workflow/plot_time.smk"
include: "workflow/plot_diagnosis.smk"
include: "workflow/plot_finetuning.smk"
include: "workflow/compare.smk"
include: "workflow/explore.smk"
include: "workflow/probe.smk"
include: "workflow/train.smk"
include: "workflow/report.smk"


rule all:
    default_target: True
    input:
        FIGURE_FILES,
        OBJECTS,
        SHEETS,
        FILMS,
        IDS,
        STEERED,
        DISPLACED,
        SWAPPED,
        DIAGNOSED,
        PROBED,


keep_signatures(param for each in workflow.rules for param in each.params)
keep_signatures([Resource.evaluate])
