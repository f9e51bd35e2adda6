import type { enReader } from "./en-reader.ts";

/** 读者研究的文本。 */
export const zhReader: Readonly<Record<keyof typeof enReader, string>> = {
  "images.count.one": "{n} 张图像",
  "images.count.other": "{n} 张图像",
  "reader.name.usual": "研究 {n}",
  "reader.needs": "研究需要真实图像和合成图像。请打开含有真实数据集及以下命令所写数据集的文件夹：",
  "reader.needs.project": "研究需要真实图像和合成图像。请先导入和绘制：",
  "reader.new": "新研究",
  "reader.name": "名称",
  "reader.each": "每种图像的数量",
  "reader.how": "真实图像与合成图像混合，以相同方式缩放，逐张显示，每位读者的顺序不同。回答会立即保存。",
  "reader.create": "创建研究",
  "reader.you": "您的姓名或代号",
  "reader.read": "开始判读",
  "reader.answers.of": "{name} 的回答",
  "reader.question": "人能否区分合成图像与真实图像？",
  "reader.reload": "请重新载入页面以从当前位置继续。",
  "reader.which": "真实还是合成？",
  "reader.progress": "进度",
  "reader.thanks": "谢谢，这是最后一张图像。",
  "reader.see": "查看结果",
  "reader.judged": "待判读",
  "reader.real": "真实",
  "reader.no.answer": "没有回答",
  "reader.interval": "95 % 区间 {low} 至 {high}",
  "reader.refresh": "刷新",
  "reader.csv": "回答（CSV）",
  "reader.json": "结果（JSON）",
  "reader.all": "全部研究",
  "reader.verdict.few":
    "尚不能判断读者能否区分合成图像与真实图像：已回答 {synthetic} 张合成图像和 {real} 张真实图像，各需 10 张。",
  "reader.verdict.told":
    "读者能区分合成图像与真实图像：合成图像中有 {synthetic}、真实图像中有 {real} 被判为合成（相差 {value} 个百分点，95 % 区间 {low} 至 {high}，共 {n} 个回答）。",
  "reader.verdict.reversed":
    "读者能区分合成图像与真实图像，但把合成图像当作真实图像：合成图像中有 {synthetic}、真实图像中有 {real} 被判为合成（相差 {value} 个百分点，95 % 区间 {low} 至 {high}，共 {n} 个回答）。",
  "reader.verdict.not":
    "未显示读者能区分合成图像与真实图像：合成图像中有 {synthetic}、真实图像中有 {real} 被判为合成（相差 {value} 个百分点，95 % 区间 {low} 至 {high}，共 {n} 个回答）。",
  "reader.kappa.none": "读者间一致性（Fleiss kappa）需要两位读者回答相同的图像。",
  "reader.kappa": "Fleiss kappa 系数",
  "reader.kappa.of": "{readers} 位读者，{images} 张全部回答的图像",
  "reader.reader": "读者",
  "reader.class": "类别",
  "reader.tpr": "合成判为合成（TPR）",
  "reader.fpr": "真实判为合成（FPR）",
  "reader.all.readers": "全部读者",
  "reader.all.classes": "全部类别",
  "reader.hint":
    "若两个比例之差的 95 % 区间（Newcombe）不含 0，则可区分。未显示差异并不证明两者相同。比例的区间：Wilson，95 %。虚线为一半。",
};
