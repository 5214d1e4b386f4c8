"""DynamicFrame and DynamicFrameCollection: DataFrames in Glue's wrapping."""

from collections.abc import Iterable, Mapping

from pyspark.sql import DataFrame

from awsglue.context import GlueContext


class DynamicFrame:
    def __init__(self, frame: DataFrame, glue_ctx: GlueContext, name: str) -> None:
        self._frame, self.glue_ctx, self.name = frame, glue_ctx, name

    @classmethod
    def fromDF(cls, dataframe: DataFrame, glue_ctx: GlueContext, name: str) -> "DynamicFrame":  # noqa: N802  Amazon's name
        return cls(dataframe, glue_ctx, name)

    def toDF(self) -> DataFrame:  # noqa: N802  Amazon's name
        return self._frame


class DynamicFrameCollection:
    def __init__(self, dynamic_frames: Mapping[str, DynamicFrame], glue_ctx: GlueContext) -> None:
        self._frames, self.glue_ctx = dict(dynamic_frames), glue_ctx

    def keys(self) -> Iterable[str]:
        return self._frames.keys()

    def select(self, key: str) -> DynamicFrame:
        return self._frames[key]

    def __getitem__(self, key: str) -> DynamicFrame:
        return self._frames[key]
