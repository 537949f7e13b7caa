"""What the settings of all channels are made of; each channel's own are in its folder.

Unknown keys are errors; how a mistake is told is bot/config.py's business.
"""

from pydantic import BaseModel, ConfigDict, Field


class Section(BaseModel):
    """A table of the configuration file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Callback(Section):
    """What WeCom shows next to 接收消息: letters and digits only."""

    token: str = Field(pattern=r"^[A-Za-z0-9]{1,32}$")
    encoding_aes_key: str = Field(pattern=r"^[A-Za-z0-9]{43}$")
