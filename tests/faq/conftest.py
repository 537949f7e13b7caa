"""A small FAQ of our own for the tests of the matcher."""

from pathlib import Path

import pytest

from faq.book import Book

ENTRIES = """\
- 编号: medical-when
  问题: 医保什么时候交
  相似问: [城乡居民医保缴费时间, 医保几月份开始缴费]
  答复: 每年 9 月到 12 月缴下一年的。
- 编号: medical-village
  问题: 医保什么时候交
  答复: 村里 10 月 20 日起在村部集中代收。
  适用: 清溪镇/韶山村
  替代: medical-when
- 编号: move-in
  问题: 户口怎么迁入本村
  答复: 带户口本到派出所办。
- 编号: lamp
  问题: 路灯坏了找谁
  相似问: [路灯不亮怎么报修]
  答复: 直接在这里说，邻长会来看。
- 编号: pension-age
  问题: 农村养老保险60岁能领吗
  答复: 满 60 岁次月起领。
- 编号: winter
  问题: 冬天取暖补贴怎么领
  答复: 村里统一发。
  生效: 2026-11-01
  失效: 2027-03-31
- 编号: private-only
  问题: 低保怎么申请
  答复: 向村里写申请。
  渠道: 私
- 编号: cable
  问题: 宽带怎么装
  答复: 打营业厅电话。
  必含: [宽带]
  排除: [退网]
"""


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("faq")
    (path / "entries.yaml").write_text(ENTRIES, "utf-8")
    return path


@pytest.fixture(scope="session")
def book(folder: Path) -> Book:
    return Book.load(folder, names=("三长助手",))
